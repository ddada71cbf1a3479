// The examples of docs/examples/output: what partdemo prints, each command in a file of its own. All are run in order on
// one private server that lives in scratch.
//   examples.mjs          runs them and writes the files
//   examples.mjs --check  runs those that are quick, and compares them with the files in shape
import fs from 'node:fs';
import path from 'node:path';
import { root, run } from '../../tests/docs/session.mjs';
import { difference, sameShape } from '../../tests/docs/shape.mjs';

const folder = path.join(root, 'docs/examples/output');

// name: the file's; of a command without one nothing is kept. slow: only its command line is compared.
// loose: lines that depend on what the machine did meanwhile.
const load = [/^ *\d.*(?:ops\/s|operations)/u, /retried|reconnect|queued|behind/u];
const impact = [
    /^(?:steps|writes|wait|backlog) /u, /^ +0 s .* s$/u, /^writers? .*(?:stalled|waited)|^ +acknowledged/u,
    /^(?:before|after|\d .*) +(?:\d|$)/u, /^ {2}(?!ok )\S/u, /^ {4}\S/u,
];
// How often it tried, and for whom it waited.
const online = [/^ +(?:paused|swapped|try|tried|replicas|backed)\b/u];
const examples = [
    { name: 'server-start', command: 'partdemo server start' },
    { name: 'list', command: 'partdemo list' },
    { name: 'describe', command: 'partdemo describe online/split' },
    { name: 'error-no-setup', command: 'partdemo run split', status: 4 },
    { name: 'setup', command: 'partdemo run setup' },
    { name: 'setup-again', command: 'partdemo run setup' },
    { name: 'tree', command: 'partdemo tree sales_data' },
    { name: 'stats', command: 'partdemo stats event_logs' },
    { name: 'explain-pruned', command: `partdemo explain "SELECT count(*) FROM event_logs WHERE created_at >= '2024-02-05' AND created_at < '2024-02-12'"` },
    { name: 'explain-not-pruned', command: `partdemo explain "SELECT count(*) FROM event_logs WHERE date_trunc('month', created_at) = '2024-02-01'"` },
    { name: 'queries', command: 'partdemo run queries' },
    { name: 'load', command: 'partdemo run load --rate 400 --clients 4 --duration 2s --seed 1', loose: load },
    { name: 'split-dry-run', command: 'partdemo run split --dry-run' },
    { name: 'add', command: 'partdemo run add' },
    { name: 'split', command: 'partdemo run split' },
    { name: 'split-tree', command: 'partdemo tree event_logs' },
    { name: 'detach', command: 'partdemo run detach' },
    { name: 'migrate', command: 'partdemo run migrate' },
    { name: 'cleanup', command: 'partdemo run cleanup' },
    { name: 'rehearsal', command: 'partdemo run split --under standard --rate 300 --clients 4 --warmup 1s --cooldown 1s', loose: impact },
    { command: 'partdemo run cleanup' },
    { name: 'online-split', command: 'partdemo run online/split --table event_logs --partition event_logs_2024_02 --at 2024-02-08,2024-02-15,2024-02-22', loose: online },
    { name: 'online-merge', command: 'partdemo run online/merge --table event_logs --partitions event_logs_2024_02_1,event_logs_2024_02_2,event_logs_2024_02_3,event_logs_2024_02_4 --name event_logs_2024_02', loose: online },
    { name: 'online-detach', command: 'partdemo run online/detach --table event_logs --partition event_logs_2024_01 --archive january_kept', loose: online },
    { command: '(eval "$(partdemo server env)"; psql -Xqc "DROP TABLE january_kept"); partdemo run cleanup' },
    { name: 'online-migrate', command: "partdemo run online/migrate --table orders_by_region --by 'HASH (id)' --modulus 4 --widen --keep-old", loose: online },
    { name: 'online-migrate-undo', command: "partdemo run online/migrate --table orders_by_region --by 'HASH (id)' --modulus 4 --widen --undo", loose: online },
    { command: '(eval "$(partdemo server env)"; psql -Xqc "CREATE TABLE visits (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL, page text NOT NULL)" -c "INSERT INTO visits (at, page) SELECT timestamptz \'2026-01-01Z\' + n * interval \'1 hour\', \'/page/\' || n % 20 FROM generate_series(1, 5000) AS n" -c "ANALYZE visits")' },
    { name: 'online-convert-dry-run', command: "partdemo run online/convert --table visits --by 'RANGE (at)' --until 2027-01-01 --at 2027-02-01,2027-03-01 --widen --dry-run" },
    { name: 'online-convert', command: "partdemo run online/convert --table visits --by 'RANGE (at)' --until 2027-01-01 --at 2027-02-01,2027-03-01 --widen", loose: online },
    { name: 'error-sql', command: "partdemo explain 'SELECT count(*) FROM event_log'", status: 1 },
    { name: 'error-parameter', command: 'partdemo run setup --row 1000', status: 2 },
    { name: 'lifecycle', command: 'partdemo run lifecycle --brief', slow: true },
    { name: 'race', command: 'partdemo run race --brief', slow: true },
];

const check = process.argv.includes('--check');
const todo = examples.filter((one) => !(check && one.slow));
const results = await run(todo.map(({ command, status }) => ({ text: command, status })));
let failed = 0;
const complain = (name, message, lines = []) => {
    console.log([`docs/examples/output/${name}: ${message}`, ...lines.map((line) => `    ${line}`)].join('\n'));
    failed++;
};

const without = (lines, loose) => lines.filter((line) => !(loose ?? []).some((pattern) => pattern.test(line)));

todo.forEach((one, i) => {
    const wanted = one.status ?? 0;
    const result = results[i];
    if (result?.status !== wanted) {
        complain(one.name ?? one.command, `exit code ${result?.status} instead of ${wanted}`, result?.lines.slice(-20));
        return;
    }
    if (!one.name) {
        return;
    }
    const file = path.join(folder, `${one.name}.txt`);
    if (!check) {
        fs.mkdirSync(folder, { recursive: true });
        fs.writeFileSync(file, `$ ${one.command}\n${result.lines.join('\n')}\n`);
        return;
    }
    const kept = fs.existsSync(file) ? fs.readFileSync(file, 'utf8').trimEnd().split('\n').slice(1) : [];
    const [expected, real] = [kept, result.lines].map((lines) => without(lines, one.loose));
    if (!sameShape(expected, real)) {
        complain(`${one.name}.txt`, 'this is not what is printed (+)', difference(expected, real));
    }
});
const names = examples.filter((one) => one.name).map((one) => `${one.name}.txt`);
for (const one of examples.filter((example) => check && example.name)) {
    const file = path.join(folder, `${one.name}.txt`);
    const first = fs.existsSync(file) ? fs.readFileSync(file, 'utf8').split('\n')[0] : '';
    if (first !== `$ ${one.command}`) {
        complain(`${one.name}.txt`, `does not begin with: $ ${one.command}`);
    }
}
for (const name of fs.existsSync(folder) ? fs.readdirSync(folder) : []) {
    if (!names.includes(name)) {
        complain(name, 'there is no such example');
    }
}
console.log(failed ? `${failed} examples are wrong` : `${names.length} examples, ${check ? 'compared' : 'written'}`);
process.exit(failed ? 1 : 0);
