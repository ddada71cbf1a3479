// One bash session on a terminal of 100 columns without colours, in an empty directory, where nothing names a server
// and partdemo keeps its private server in scratch. What each command prints is what a reader would see.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const program = path.resolve(process.env.PARTDEMO ?? path.join(root, 'build/release/partdemo'));
// psql and pgbench themselves, past Debian's wrapper, as in tests/lib.bash.
const clients = path.join(path.dirname(program), 'tests/clients');

const driver = `
stty cols 100 rows 50 -echo -onlcr
shopt -u checkwinsize
mark() { printf '\\n\\036%s %s\\n' "$1" "$2"; }
trap 'mark "$at" "$?"' EXIT
`;

function environment(dir, extra) {
    const env = {};
    for (const [name, value] of Object.entries(process.env)) {
        if (!/^(PG|POSTGRES_|SIMULATOR_|PARTDEMO|BATS|LC_|BASH_|COLUMNS$|LINES$|NO_COLOR$|CLICOLOR)/u.test(name)) {
            env[name] = value;
        }
    }
    Object.assign(env, {
        PATH: `${dir}/bin:${clients}:${env.PATH}`, HOME: `${dir}/home`, TMPDIR: `${dir}/tmp`,
        PARTDEMO_STATE: `${dir}/state`, LANG: 'C.UTF-8', TZ: 'UTC', TERM: 'dumb', PAGER: 'cat', PSQL_PAGER: '',
    }, extra);
    if (process.env.PARTDEMO_PG_BIN) {
        env.PARTDEMO_PG_BIN = process.env.PARTDEMO_PG_BIN;
    }
    return env;
}

// A scratch directory that the server's user can enter, with what a document may use.
function scratch() {
    const dir = fs.mkdtempSync(path.join(process.env.PARTDEMO_TEST_TMP ?? '/tmp', 'doc.'));
    fs.chmodSync(dir, 0o755);
    for (const name of ['bin', 'home', 'tmp', 'work', 'steps']) {
        fs.mkdirSync(path.join(dir, name));
    }
    fs.symlinkSync(program, path.join(dir, 'bin/partdemo'));
    // Copies, so that no document can hurt the clone.
    for (const name of ['scenarios', 'sql', 'docs']) {
        fs.cpSync(path.join(root, name), path.join(dir, 'work', name), { recursive: true });
    }
    return dir;
}

function clean(dir) {
    spawnSync('bash', ['-c', `source "${root}/scripts/lib/stop.bash"; drop_servers "$1"`, 'bash', dir], { stdio: 'inherit' });
}

// What a terminal without colours shows in the end. \\r: what follows is written over the line.
function shown(text, dir, colour) {
    let s = colour ? text : text.replace(/\x1b\[[0-9;?]*[A-Za-z]/gu, '');
    s = s.replaceAll(`${dir}/state`, '~/.local/state/partdemo').replaceAll(`${dir}/work`, '~/partdemo');
    // The real path of the state directory is another one, and so is where its line was folded.
    s = s.replace(/^(target: .*),\r?\n +(PostgreSQL \S+)\r?$/gmu, '$1, $2');
    return s.split('\n').map((line) => line.replace(/\r+$/u, '').split('\r').at(-1).trimEnd());
}

// run(steps, options): runs shell text steps in order, each { text, status?, strict? } in the same shell: strict, it stops at
// the first command that fails. Ends at the first step with another status than the wanted one. The result has
// { status, lines } for each step that was run; status is undefined for one that never ended.
export async function run(steps, { seconds = 240, colour = false, env = {} } = {}) {
    const dir = scratch();
    const onSignal = () => {
        clean(dir);
        process.exit(130);
    };
    process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
    try {
        const script = [driver];
        steps.forEach((step, i) => {
            const file = `${dir}/steps/${i}`;
            fs.writeFileSync(file, step.text);
            const strict = step.strict ? ['set -e', 'set +e'] : ['', ''];
            script.push(
                `at=${i}; ${strict[0]}\neval "$(cat '${file}')" </dev/null\nstatus=$?\n${strict[1]}`,
                `[ "$status" = ${step.status ?? 0} ] || exit "$status"\nmark "$at" "$status"`,
            );
        });
        script.push('trap - EXIT\nexit 0\n');
        fs.writeFileSync(`${dir}/driver`, script.join('\n'));
        const terminal = spawn('script', ['-qfec', `bash --norc --noprofile '${dir}/driver'`, '/dev/null'], {
            cwd: `${dir}/work`, env: environment(dir, env), stdio: ['ignore', 'pipe', 'pipe'],
        });
        const chunks = [];
        terminal.stdout.on('data', (chunk) => chunks.push(chunk));
        terminal.stderr.on('data', (chunk) => chunks.push(chunk));
        const timer = setTimeout(() => terminal.kill('SIGTERM'), seconds * 1000);
        await new Promise((resolve) => terminal.on('close', resolve));
        clearTimeout(timer);
        const parts = Buffer.concat(chunks).toString().split(/\n\x1e(\d+) (\d+)\n/u);
        const results = [];
        for (let i = 0; i + 2 < parts.length; i += 3) {
            results.push({ status: Number(parts[i + 2]), lines: shown(parts[i], dir, colour) });
        }
        const wanted = steps[results.length - 1]?.status ?? 0;
        if (results.length < steps.length && (results.at(-1)?.status ?? 0) === wanted) {
            results.push({ status: undefined, lines: shown(parts.at(-1), dir, colour) });
        }
        for (const { lines } of results) {
            while (lines.length && lines.at(-1) === '') {
                lines.pop();
            }
        }
        return results;
    } finally {
        process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
        clean(dir);
    }
}
