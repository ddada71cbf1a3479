// stop_proxy.mjs SOCKET SERVER_SOCKET STOP_AT LOG: passes connections on to a PostgreSQL server, and holds back
// the STOP_AT-th statement (0: none) of all of them together and what follows it, so that a test can
// kill somebody between two statements. Each statement's number is a line of LOG; the last one
// says "stopped" when it was held back.
import { appendFileSync } from "node:fs";
import net from "node:net";

const [, , socket, serverSocket, stopAt, log] = process.argv;
let statements = 0;

// Splits what a client sends into messages. The first one has no type; a Query or a Bind begins a statement.
function reader(onMessage) {
  let buffer = Buffer.alloc(0);
  let started = false;
  return (chunk) => {
    buffer = Buffer.concat([buffer, chunk]);
    for (;;) {
      const head = started ? 1 : 0;
      if (buffer.length < head + 4) return;
      const length = head + buffer.readInt32BE(head);
      if (buffer.length < length) return;
      const type = started ? String.fromCharCode(buffer[0]) : "";
      started = true;
      onMessage(type, buffer.subarray(0, length));
      buffer = buffer.subarray(length);
    }
  };
}

net
  .createServer((client) => {
    const server = net.connect(serverSocket);
    let held = false;
    const read = reader((type, message) => {
      if (type === "Q" || type === "B") {
        statements++;
        held ||= statements === Number(stopAt);
        appendFileSync(log, `${held ? "stopped" : "passed"} ${statements}\n`);
      }
      if (!held) server.write(message);
    });
    client.on("data", read);
    server.on("data", (chunk) => client.write(chunk));
    for (const [one, other] of [[client, server], [server, client]]) {
      one.on("close", () => other.destroy());
      one.on("error", () => other.destroy());
    }
  })
  .listen(socket, () => appendFileSync(log, "listening\n"));
