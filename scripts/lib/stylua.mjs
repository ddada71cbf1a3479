// node stylua.mjs MODULE_DIR CONFIG.toml check|write FILE...
// The command line of StyLua's WebAssembly build: the options come from a stylua.toml of plain
// "name = value" lines. check prints what would change and exits 1 when anything would.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";

const [moduleDir, configFile, mode, ...files] = process.argv.slice(2);
const stylua = createRequire(import.meta.url)(`${moduleDir}/stylua_lib_node.cjs`);

const enums = {
  block_newline_gaps: stylua.BlockNewlineGaps,
  call_parentheses: stylua.CallParenType,
  collapse_simple_statement: stylua.CollapseSimpleStatement,
  indent_type: stylua.IndentType,
  line_endings: stylua.LineEndings,
  quote_style: stylua.QuoteStyle,
  space_after_function_names: stylua.SpaceAfterFunctionNames,
  syntax: stylua.LuaVersion,
};
const numbers = ["column_width", "indent_width"];

function readConfig() {
  const config = stylua.Config.new();
  const lines = fs.readFileSync(configFile, "utf8").split("\n");
  lines.forEach((line, i) => {
    if (/^\s*(#.*)?$/.test(line)) return;
    const [, name, text, digits] = line.match(/^(\w+) = (?:"(\w+)"|(\d+))\s*$/) ?? [];
    const value = numbers.includes(name) ? digits && Number(digits) : enums[name]?.[text];
    if (value === undefined) throw new Error(`${configFile}:${i + 1}: not understood: ${line}`);
    config[name] = value;
  });
  return config;
}

// The difference as diff(1) prints it; diff exits 1 because there is one.
function difference(file, wanted) {
  try {
    const labels = ["--label", file, "--label", `${file} (formatted)`];
    return execFileSync("diff", ["-u", ...labels, file, "-"], { input: wanted }).toString();
  } catch (e) {
    if (e.status === 1) return e.stdout.toString();
    throw e;
  }
}

let findings = 0;
for (const file of files) {
  const code = fs.readFileSync(file, "utf8");
  let formatted;
  try {
    // formatCode() takes the configuration for itself: each file needs one of its own.
    formatted = stylua.formatCode(code, readConfig(), undefined, stylua.OutputVerification.Full);
  } catch (e) {
    console.log(`${file}: ${e.message ?? e}`);
    findings++;
    continue;
  }
  if (formatted === code) continue;
  if (mode === "write") {
    fs.writeFileSync(file, formatted);
  } else {
    console.log(difference(file, formatted));
    findings++;
  }
}
process.exitCode = findings ? 1 : 0;
