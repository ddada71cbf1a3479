// run.mjs PARTDEMO FILE...: explains every case of the files with partdemo and compares the card with what is expected
// (README.md has the format). For plain selects psql tells which leaves hold matching rows: those must be among the
// scanned ones. One line for each case that differs; exit code 1 when there is one.
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename } from "node:path";

const [partdemo, ...files] = process.argv.slice(2);
const psql = (sql, env = process.env) =>
  execFileSync("psql", ["-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql], { env, encoding: "utf8" }).trim();
const major = Math.floor(Number(psql("SHOW server_version_num")) / 10000);

const plain = ["wanted", "nobody"]; // tables of schema.sql that cases do not speak of

function parse(file) {
  const blocks = readFileSync(file, "utf8").split(/^(?=-- case: )/m).filter((block) => block.startsWith("-- case: "));
  return blocks.map((block) => {
    const found = { file: basename(file), settings: [], sql: block.replace(/^--.*\n/gm, "").trim().replace(/;$/, "") };
    let since = 0;
    for (const [, key, from, value] of block.matchAll(/^-- (\w+)(?: (\d+)\+)?: (.*)$/gm)) {
      if (key === "expect") {
        if (Number(from ?? 0) >= since && Number(from ?? 0) <= major) [since, found.expect] = [Number(from ?? 0), value];
      } else if (key === "set") {
        found.settings = value.split(" ");
      } else if (["case", "why", "params", "holds"].includes(key)) {
        found[key] = value;
      } else {
        throw new Error(`${file}: unknown key '${key}' in case ${found.case}`);
      }
    }
    if (!found.expect) throw new Error(`${file}: ${found.case} expects nothing`);
    found.expect = found.expect.split("; ").map((each) => expectation(each, found));
    return found;
  });
}

// "a(r) 1/4 plan 3, r_1"
function expectation(words, { file, case: name }) {
  const parts = words.match(/^(?:(\w+)\()?(\w+)\)? (\d+)\/(\d+)((?: (?:plan|startup|runtime|not_executed) \d+)*)(?:, (.*))?$/);
  if (!parts) throw new Error(`${file}: ${name}: cannot read '${words}'`);
  const [, alias, table, scanned, leaves, rest, names] = parts;
  const counts = { plan: 0, startup: 0, runtime: 0, not_executed: 0 };
  for (const [, phase, n] of rest.matchAll(/(\w+) (\d+)/g)) counts[phase] = Number(n);
  const sum = Object.values(counts).reduce((a, b) => a + b, Number(scanned));
  if (sum !== Number(leaves)) throw new Error(`${file}: ${name}: the numbers make ${sum}, not ${leaves}`);
  if (names && names.split(" ").length !== Number(scanned)) throw new Error(`${file}: ${name}: ${scanned} leaves, other names`);
  return { alias, text: describe(table, scanned, leaves, counts), names: names?.split(" ").sort().join(" ") };
}

function describe(table, scanned, leaves, counts) {
  const words = Object.entries(counts).filter(([, n]) => Number(n) > 0).map(([phase, n]) => ` ${phase} ${n}`);
  return `${table} ${scanned}/${leaves}${words.join("")}`;
}

function explain({ sql, params, settings }) {
  const values = params ? params.split(" ").flatMap((value) => ["--param", value]) : [];
  const env = { ...process.env, PGOPTIONS: settings.map((setting) => `-c ${setting}`).join(" ") };
  const args = ["explain", sql, "--format", "json", ...(params ? ["--generic"] : []), ...values];
  const run = spawnSync(partdemo, args, { env, encoding: "utf8", timeout: 60000 });
  if (run.status !== 0) throw new Error(`exit code ${run.status}: ${run.stderr.trim()}`);
  return JSON.parse(run.stdout).tables.filter(({ table }) => !plain.includes(table));
}

// The leaves that hold matching rows, by psql; null when the form of the statement does not tell.
function holding({ sql, params, holds }) {
  const select = /^SELECT \* FROM (\w+)( WHERE .*)?$/s.exec(sql);
  if (!holds && (!select || / (LIMIT|ORDER|JOIN) /.test(sql) || !/^(r|open|ts|l|n|b|h|h2|m|rr|x)$/.test(select[1]))) return null;
  const query = holds ?? `SELECT DISTINCT tableoid::regclass FROM ${select[1]}${select[2] ?? ""}`;
  if (!params) return psql(query).split("\n").filter(Boolean);
  const values = params.split(" ").map((value) => `'${value}'`);
  return psql(`PREPARE q AS ${query}; EXECUTE q (${values.join(", ")})`).split("\n").filter(Boolean);
}

function differences(one) {
  const tables = explain(one);
  const got = tables.map((t) => describe(t.table, t.scanned.length, t.leaves, { ...t.pruned, not_executed: t.not_executed }));
  const wanted = one.expect.map((each) => each.text);
  if (got.join("; ") !== wanted.join("; ")) return `expected ${wanted.join("; ")}, got ${got.join("; ")}`;
  for (const [i, each] of one.expect.entries()) {
    const names = [...tables[i].scanned].sort().join(" ");
    if (each.names && each.names !== names) return `expected ${each.names}, got ${names}`;
    if (each.alias && each.alias !== tables[i].alias) return `expected the alias ${each.alias}, got ${tables[i].alias}`;
  }
  const held = holding(one);
  const unread = (held ?? []).filter((leaf) => !tables.some((t) => t.scanned.includes(leaf)));
  checked += held ? 1 : 0;
  return unread.length > 0 && `${unread.join(", ")} hold matching rows and are not among the scanned leaves`;
}

let failed = 0;
let checked = 0;
const cases = files.flatMap(parse);
for (const one of cases) {
  let wrong;
  try {
    wrong = differences(one);
  } catch (error) {
    wrong = error.message;
  }
  if (wrong) {
    failed += 1;
    console.log(`FAILED ${one.file}: ${one.case}: ${wrong}\n    ${one.sql.replaceAll("\n", "\n    ")}`);
  }
}
console.log(`${cases.length} cases, ${failed} failed; the rows of ${checked} were looked up by psql`);
process.exit(failed > 0 || cases.length === 0 ? 1 : 0);
