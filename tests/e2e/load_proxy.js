// load_proxy.js SOCKET [LIMIT]: a TCP port before a server's Unix socket; prints the port. After LIMIT
// connections, and after SIGUSR1, which also drops all there are, new ones are accepted and never answered.
// SIGUSR2: new ones pass again; the others stay as they are.
const net = require("node:net");

const [socket, limit = "Infinity"] = process.argv.slice(2);
const open = new Set();
let left = Number(limit);

const listener = net.createServer((client) => {
  open.add(client);
  client.on("error", () => client.destroy());
  client.on("close", () => open.delete(client));
  if (left <= 0) {
    client.resume();
    return;
  }
  left--;
  const server = net.connect(socket);
  server.on("error", () => client.destroy());
  client.on("close", () => server.destroy());
  server.on("close", () => client.destroy());
  client.pipe(server);
  server.pipe(client);
});
process.on("SIGUSR1", () => {
  left = 0;
  open.forEach((client) => client.destroy());
});
process.on("SIGUSR2", () => (left = Infinity));
listener.listen(0, "127.0.0.1", () => console.log(listener.address().port));
