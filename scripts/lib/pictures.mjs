// The terminal pictures of docs/images, from real runs in colour on a private server that lives in scratch.
import fs from 'node:fs';
import path from 'node:path';
import { root, run } from '../../tests/docs/session.mjs';
import { svg } from './svg.mjs';

const folder = path.join(root, 'docs/images');

// name: the picture's, none for what only prepares. from, to: the lines that are shown, all without them.
const pictures = [
    { command: 'partdemo run setup --rows 200000' },
    {
        name: 'explain', title: 'partdemo explain: which leaves a query reads, and why it leaves out the others',
        command: `partdemo explain "SELECT count(*) FROM event_logs WHERE created_at >= '2024-02-05' AND created_at < '2024-02-12'"`, from: /^event_logs/u,
    },
    {
        name: 'explain-not-pruned', title: 'partdemo explain: a query that reads every leaf, the reason, and what to write instead',
        command: `partdemo explain "SELECT count(*) FROM event_logs WHERE date_trunc('month', created_at) = '2024-02-01'"`,
        from: /^event_logs/u,
    },
    { name: 'tree', title: 'partdemo tree: partitions of two levels, with rows and sizes', command: 'partdemo tree sales_data', from: /^TABLE/u },
    {
        name: 'load', title: 'partdemo run load: operations, rates, percentiles and the leaves that were written',
        command: 'partdemo run load --rate 500 --clients 8 --duration 3s', from: /^ENTRY/u, to: /^leaf counts/u,
    },
    {
        name: 'rehearsal', title: 'A rehearsal: a split while others write, the stall that it causes, and the proof that no write was lost',
        command: 'partdemo run split --under standard --rate 500 --clients 8 --warmup 2s --cooldown 3s',
        from: /^writers? |^no write/u, to: /sales_data: .*keys/u,
    },
    {
        name: 'race', title: 'The textbook split against the online split, under the same load',
        command: 'partdemo run race --brief', from: /Side by side/u,
    },
];

const plain = (line) => line.replace(/\x1b\[[0-9;]*m/gu, '');

// The prompt and the command, folded at 96 columns.
function prompt(command) {
    const lines = ['\x1b[32m$\x1b[0m'];
    let columns = 1;
    for (const word of command.split(' ')) {
        if (columns + word.length > 96) {
            lines[lines.length - 1] += ' \\';
            lines.push('   ');
            columns = 3;
        }
        lines[lines.length - 1] += ` \x1b[1m${word}\x1b[0m`;
        columns += word.length + 1;
    }
    return lines;
}

function part(lines, { name, from, to }) {
    const first = from ? lines.findIndex((line) => from.test(plain(line))) : 0;
    const last = to ? lines.findIndex((line, i) => i >= first && to.test(plain(line))) : lines.length - 1;
    if (first < 0 || last < 0) {
        throw new Error(`${name}: a line that begins or ends the picture is missing:\n${lines.map(plain).join('\n')}`);
    }
    const dots = '\x1b[90m...\x1b[0m';
    return [...(first > 1 ? [dots] : []), ...lines.slice(first, last + 1), ...(last < lines.length - 1 ? [dots] : [])];
}

const results = await run(
    pictures.map(({ command }) => ({ text: command.replace(/^partdemo /u, 'partdemo --color always ') })),
    { colour: true },
);
fs.mkdirSync(folder, { recursive: true });
pictures.forEach((picture, i) => {
    const result = results[i];
    if (result?.status !== 0) {
        throw new Error(`${picture.command}: exit code ${result?.status}\n${result?.lines.join('\n')}`);
    }
    if (picture.name) {
        const lines = [...prompt(picture.command), ...part(result.lines, picture)];
        fs.writeFileSync(path.join(folder, `${picture.name}.svg`), svg(lines, picture.title));
        console.log(`docs/images/${picture.name}.svg`);
    }
});
