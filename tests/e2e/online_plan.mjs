// What tests do with the output of `partdemo run online/... --dry-run -v`:
//   script PLAN         as a script for psql that also prints which locks each statement took
//   locks PLAN OUTPUT   whether these are the locks that the plan names
//   waits PLAN MS        whether no lock that blocks readers or writers is waited for longer than that
//   log PLAN JSONLOG    whether a run sent these statements, in this order
import { readFileSync } from "node:fs";

const [, , what, planFile, otherFile] = process.argv;

// Schemas of a run, as a pattern that PostgreSQL reads, too.
const own = "partdemo(_old_[0-9]+|_undone_[0-9]+)?$";

// Cuts SQL at the semicolons that end statements; without comments.
function statementsOf(text) {
  const found = [];
  let now = "";
  const token = /'(?:[^']|'')*'|"(?:[^"]|"")*"|(\$\w*\$)[\s\S]*?\1|--[^\n]*|;|[\s\S]/g;
  for (const [word] of text.matchAll(token)) {
    if (word === ";") {
      found.push(now.trim());
      now = "";
    } else if (!word.startsWith("--")) now += word;
  }
  return [...found, now.trim()].filter(Boolean);
}

// The statements of the plan, each with the lock that it is said to take. What stands before the first empty line of a
// step is no SQL.
function planned() {
  const found = [];
  let sql = [];
  let inside = false;
  for (const line of readFileSync(planFile, "utf8").split("\n")) {
    if (/^\[\d+\/\d+\] |^After/.test(line)) inside = false;
    else if (line === "") inside = true;
    else if (inside && line.startsWith("    lock: ")) {
      found.push(...statementsOf(sql.join("\n")).map((s) => ({ sql: s, said: "" })));
      found.at(-1).said = line.slice(10);
      sql = [];
    } else if (inside && line.startsWith("    ")) sql.push(line.slice(4));
  }
  return [...found, ...statementsOf(sql.join("\n")).map((s) => ({ sql: s, said: "" }))];
}

const isFrame = (s) => /^(BEGIN|COMMIT|ROLLBACK|SET|RESET)\b/.test(s);
const isAlone = (s) => / CONCURRENTLY\b/.test(s);
const isSwap = (s) => /phase = 'swapped'/.test(s);
// Statements that also a run without a change may send, to look at the catalog.
const isLook = (s) => /^(SELECT|SHOW|WITH(?! batch))\b/.test(s) && !/partdemo\.(insist|drain)|set_config\('partdemo|setval|pg_terminate/.test(s);

function script() {
  const locks = `SELECT :'what', @, l.mode, l.relation, c.relkind, CASE WHEN :'what' = 'had' THEN format('%I.%I', n.nspname, c.relname) ELSE :'names'::json ->> c.oid::text END
FROM pg_locks AS l JOIN pg_class AS c ON c.oid = l.relation JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND l.mode ~ 'Share(Row|Update)?Exclusive|^Share|AccessExclusive'
  AND l.mode <> 'RowShareLock' AND c.relkind IN ('r', 'p', 'v', 'S', 'i', 'I') AND n.nspname !~ '^pg_' AND (:swapped OR c.oid = ANY (:'others'));`;
  console.log(`\\set ON_ERROR_STOP on
\\set swapped false
SELECT coalesce(array_agg(c.oid), '{}') AS others FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'S', 'i', 'I') AND n.nspname !~ '^(pg_|${own}|information_schema)'
  AND NOT EXISTS (SELECT FROM pg_inherits JOIN pg_class AS p ON p.oid = inhparent WHERE inhrelid = c.oid AND p.relnamespace::regnamespace::text ~ '^${own}') \\gset`);
  let open = false;
  let swaps = false;
  planned().forEach(({ sql }, i) => {
    const wrapped = !open && !isFrame(sql) && !isAlone(sql);
    const measured = !isFrame(sql) && !isAlone(sql);
    if (wrapped) console.log("BEGIN;");
    if (measured)
      console.log(`SELECT json_object_agg(c.oid, format('%I.%I', n.nspname, c.relname)) AS names FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname !~ '^(pg_|information_schema)' \\gset
\\set what had
${locks.replace("@", i)}`);
    console.log(`\\o /dev/null\n${sql};\n\\o`);
    if (measured) console.log(`\\set what has\n${locks.replace("@", i)}`);
    if (wrapped) console.log("COMMIT;");
    if (/^BEGIN/.test(sql)) open = true;
    if (/^(COMMIT|ROLLBACK)/.test(sql)) open = false;
    swaps ||= isSwap(sql);
    if (swaps && !open) console.log("\\set swapped true");
  });
}

const strong = ["ShareUpdateExclusive", "Share", "ShareRowExclusive", "Exclusive", "AccessExclusive"];
const spelled = (mode) => mode.toLowerCase().replace(/(^| )./g, (c) => c.trim().toUpperCase());

function wrongLocks() {
  const statements = planned();
  const had = statements.map(() => new Set());
  const has = statements.map(() => new Set());
  for (const line of readFileSync(otherFile, "utf8").split("\n").filter(Boolean)) {
    const [when, n, mode, oid, kind, name] = line.split("\t");
    // Indexes and sequences are named where they are what a statement is about.
    if (/[Sir]/i.test(kind) && kind !== "r" && !/^ALTER (INDEX|SEQUENCE)/.test(statements[n].sql)) continue;
    const lock = `${mode.replace(/Lock$/, "")} ${oid} ${name}`;
    if (strong.includes(lock.split(" ")[0]) && name && !new RegExp(`^${own}`).test(name.split(".")[0])) (when === "had" ? had : has)[n].add(lock);
  }
  const wrong = [];
  statements.forEach(({ sql, said }, i) => {
    if (isFrame(sql) || isAlone(sql)) return;
    const told = new Set();
    for (const part of said.split("; ")) {
      const m = part.match(/^([A-Z ]+) on (.*) \(blocks .*\)$/);
      for (const name of m && strong.includes(spelled(m[1])) ? m[2].split(/, | and /) : []) told.add(`${spelled(m[1])} ${name}`);
    }
    const bare = (lock) => lock.replace(/ \d+ /, " ");
    const taken = new Set([...has[i]].filter((lock) => !had[i].has(lock)).map(bare));
    const held = new Set([...has[i]].map(bare));
    const missing = [...taken].filter((lock) => !strong.slice(strong.indexOf(lock.split(" ")[0])).some((mode) => told.has(lock.replace(/^\w+/, mode))));
    const upgraded = [...has[i]].filter((lock) => lock.startsWith("AccessExclusive ") && !had[i].has(lock) &&
      strong.some((mode) => had[i].has(lock.replace("AccessExclusive", mode))));
    if (upgraded.length) wrong.push(`${sql}\n  after a weaker lock in the same transaction: ${upgraded}`);
    const gone = /^DROP TABLE (?:IF EXISTS )?(.*)$/.exec(sql)?.[1];
    const tooMuch = [...told].filter((lock) => !/^ALTER INDEX/.test(sql)).filter((lock) => !held.has(lock) && lock !== `AccessExclusive ${gone}`);
    if (missing.length || tooMuch.length) wrong.push(`${sql}\n  said: ${said}\n  not said: ${missing}\n  not taken: ${tooMuch}`);
  });
  if (!has.some((locks) => locks.size)) wrong.push("no lock was seen");
  return wrong;
}

function longWaits() {
  const wrong = [];
  let limit = 0;
  for (const { sql, said } of planned()) {
    limit = /^(BEGIN|COMMIT|ROLLBACK)/.test(sql) ? 0 : Number(/^SET LOCAL lock_timeout = (\d+)/.exec(sql)?.[1] ?? limit);
    if (/blocks (readers|writers)/.test(said) && !isAlone(sql) && (limit === 0 || limit > otherFile)) wrong.push(`${sql}\n  waits for ${limit || "any number of"} ms`);
  }
  return wrong;
}

// Without what rests on how many rows there are, and with one of several that are the same.
function comparable(statements) {
  const found = [];
  let rolledBack = false;
  for (const sql of statements.toReversed()) {
    if (/^ROLLBACK/.test(sql)) rolledBack = true;
    else if (/^BEGIN/.test(sql)) rolledBack = false;
    if (rolledBack || isLook(sql) || isFrame(sql)) continue;
    const one = sql
      .replace(/\s+/g, " ")
      .replace(/ E?'\{"(?:[^']|'')*\}'/g, " '{}'")
      .replace(/WHERE (true|ROW\(.*?\) > ROW\(.*?\)) ORDER BY (.*?) LIMIT \d+/, "WHERE ... ORDER BY $2 LIMIT ...");
    if (found.at(-1) !== one) found.push(one);
  }
  return found.toReversed();
}

function logged() {
  return readFileSync(otherFile, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line))
    .filter((entry) => entry.application_name === "partdemo" && entry.message?.startsWith("statement: "))
    .flatMap((entry) => statementsOf(entry.message.slice("statement: ".length)));
}

function differences() {
  const plan = comparable(planned().map((each) => each.sql));
  const run = comparable(logged());
  const wrong = [];
  for (let i = 0; i < Math.max(plan.length, run.length) && wrong.length < 3; i++)
    if (plan[i] !== run[i]) wrong.push(`statement ${i + 1} of ${plan.length}\n  plan: ${plan[i]}\n  run:  ${run[i]}`);
  if (plan.length < 3) wrong.push("there is no plan");
  return wrong;
}

if (what === "script") script();
else {
  const wrong = { locks: wrongLocks, waits: longWaits, log: differences }[what]();
  for (const each of wrong) console.error(each);
  process.exitCode = wrong.length ? 1 : 0;
}
