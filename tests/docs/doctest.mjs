#!/usr/bin/env node
// tests/docs/doctest.mjs [--update [--all]] [--seconds=N] FILE...: runs the code blocks of Markdown documents and compares what the
// commands print with what the documents say, in shape; README.md beside this file has the conventions.
//   --update  writes what was printed into the document where it has another shape, with --all everywhere
//   --links   looks at the links alone
//   --seconds a document may take so long
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { parse } from './blocks.mjs';
import { badLinks } from './links.mjs';
import { program, root, run } from './session.mjs';
import { align, difference, isElision, sameShape } from './shape.mjs';

const fresh = `(
    partdemo server start -q >/dev/null && eval "$(partdemo server env)" &&
        psql -XAtq -d postgres -v ON_ERROR_STOP=1 -v name="$PGDATABASE" <<'SQL'
SET client_min_messages = warning;
DROP DATABASE IF EXISTS :"name" WITH (FORCE);
CREATE DATABASE :"name" TEMPLATE template0;
SQL
)`;

const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

// As a chunk, an expression, or some of a table's fields.
function compiles(code) {
    let first = '';
    for (const text of [code, `return ${code}`, `return {\n${code}\n}`]) {
        const { status, stderr } = spawnSync('luac5.4', ['-p', '-'], { input: text, encoding: 'utf8' });
        if (status === 0) {
            return '';
        }
        first ||= stderr.trim();
    }
    return first || 'luac5.4 is missing';
}

// The shell steps of a block, each { text, line, what }, with `command` for what is compared.
function steps(block) {
    const list = block.also.map((text) => ({ text, line: block.line, what: text }));
    if (block.fresh) {
        list.unshift({ text: fresh, line: block.line, what: 'fresh' });
    }
    const code = block.lines.join('\n');
    const whole = (text) => ({ text, line: block.line, what: `the ${block.language} block`, strict: true });
    if (block.language === 'console') {
        for (const command of block.commands) {
            list.push({ text: command.command, line: command.line, what: command.command, status: command.status, block, command });
        }
    } else if (block.language === 'sh') {
        list.push(whole(code));
    } else if (block.language === 'sql') {
        list.push(whole(`psql -X -v ON_ERROR_STOP=1 -c "SET client_min_messages = warning" -f <(printf '%s\\n' ${quoted(code)})`));
    } else if (block.language === 'lua' && block.file) {
        const dir = path.posix.dirname(block.file);
        list.push(whole(`mkdir -p ${quoted(dir)}; printf '%s\\n' ${quoted(code)} >${quoted(block.file)}`));
    }
    return list;
}

function indented(lines) {
    return lines.map((line) => `    ${line}`.trimEnd());
}

// look(file): what is wrong, and what was run.
async function look(file, seconds) {
    const wrong = badLinks(file, root).map((bad) => ({ ...bad, lines: [] }));
    const say = (line, message, lines = [], output = false) => wrong.push({ line, message, lines, output });
    const { blocks, wrong: misread } = parse(fs.readFileSync(file, 'utf8'));
    misread.forEach((one) => say(one.line, one.message));
    const skipped = blocks.filter((block) => block.skip);
    for (const block of blocks) {
        if (block.language === 'lua') {
            const why = compiles(block.lines.join('\n'));
            if (why) {
                say(block.line, 'this is no Lua', [why]);
            }
        } else if (block.language === 'json') {
            try {
                JSON.parse(block.lines.join('\n'));
            } catch (e) {
                say(block.line, 'this is no JSON', [e.message]);
            }
        }
    }
    const todo = blocks.filter((block) => !block.skip).flatMap(steps);
    const results = todo.length ? await run(todo, { seconds }) : [];
    todo.forEach((step, i) => {
        const wanted = step.status ?? 0;
        const result = results[i];
        if (!result) {
            if (i === results.length) {
                say(step.line, `not run, nor what comes after it: ${step.what}`);
            }
        } else if (result.status === undefined) {
            say(step.line, `did not end in time: ${step.what}`, result.lines.slice(-20));
        } else if (result.status !== wanted) {
            say(step.line, `exit code ${result.status} instead of ${wanted}: ${step.what}`, result.lines.slice(-20));
        } else if (step.command && !sameShape(step.command.output, result.lines)) {
            say(step.line, `another output than the document's (-): ${step.what}`, difference(step.command.output, result.lines), true);
        }
    });
    return { wrong, todo, results, skipped };
}

// What replaces the output of a command; null when the document's elisions cannot be kept.
function renewed(expected, real) {
    if (!expected.some(isElision)) {
        return real;
    }
    if (expected.filter(isElision).length === 1) {
        // As many lines before it and after it as there were.
        const before = expected.findIndex(isElision);
        const after = expected.length - before - 1;
        return real.length > before + after
            ? [...real.slice(0, before), expected[before], ...real.slice(real.length - after)] : real;
    }
    const way = align(expected, real);
    const near = (i) => [way[i - 1]?.kind, way[i + 1]?.kind];
    if (way.some((step, i) => step.kind === 'elided' && near(i).some((kind) => kind === 'gone' || kind === 'new'))) {
        return null;
    }
    return way.filter((step) => step.kind !== 'gone').map((step) => step.real ?? step.expected);
}

// update(file, found, all): writes the real outputs into the document.
function update(file, { todo, results }, all) {
    const source = fs.readFileSync(file, 'utf8').split('\n');
    let changed = 0;
    for (let i = results.length - 1; i >= 0; i--) {
        const { command, block, status } = todo[i];
        const real = results[i].lines;
        if (!command || results[i].status !== (status ?? 0) || (!all && sameShape(command.output, real))) {
            continue;
        }
        const lines = renewed(command.output, real);
        if (!lines) {
            if (!sameShape(command.output, real)) {
                console.log(`${file}:${command.line}: left as it is, for its "..." cannot be placed: ${command.command}`);
            }
            continue;
        }
        source.splice(block.line + command.first, command.output.length, ...lines.map((line) => block.indent + line));
        changed++;
    }
    fs.writeFileSync(file, source.join('\n'));
    console.log(`${file}: ${changed} outputs written`);
}

const options = process.argv.slice(2).filter((arg) => arg.startsWith('-'));
const files = process.argv.slice(2).filter((arg) => !arg.startsWith('-'));
if (!files.length || options.some((option) => !/^--(update|all|links|seconds=\d+)$/u.test(option))) {
    console.error('usage: doctest.mjs [--update [--all] | --links] [--seconds=N] FILE...');
    process.exit(2);
}
if (!fs.existsSync(program)) {
    console.error(`${program} is missing; PARTDEMO names another one`);
    process.exit(2);
}
const seconds = options.map((option) => Number(option.split('=')[1])).find((n) => n > 0);
let failed = 0;
for (const file of files) {
    const name = path.relative(process.cwd(), file);
    if (options.includes('--links')) {
        const bad = badLinks(path.resolve(file), root);
        bad.forEach(({ line, message }) => console.log(`${name}:${line}: ${message}`));
        failed += bad.length;
        continue;
    }
    const found = await look(path.resolve(file), seconds);
    if (options.includes('--update')) {
        update(file, found, options.includes('--all'));
        found.wrong = found.wrong.filter((one) => !one.output);
    }
    for (const { line, message, lines } of found.wrong) {
        console.log([`${name}:${line}: ${message}`, ...indented(lines)].join('\n'));
    }
    failed += found.wrong.length;
    const compared = found.todo.slice(0, found.results.length).filter((step) => step.command).length;
    console.log(
        `${name}: ${found.wrong.length ? `${found.wrong.length} wrong` : 'ok'}; ` +
            `${found.results.length} of ${found.todo.length} steps run, ${compared} with their output compared`,
    );
    for (const block of found.skipped) {
        console.log(`${name}:${block.line}: skipped: ${block.skip}`);
    }
}
process.exit(failed ? 1 : 0);
