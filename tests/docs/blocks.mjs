// The code blocks of a Markdown document, what they are and what the comments above them say.

class Wrong extends Error {
    constructor(line, message) {
        super(message);
        this.line = line;
    }
}

const languages = new Set(['console', 'sh', 'sql', 'lua', 'text', 'json', 'mermaid']);

// Reads `<!-- doctest: WORD: REST -->`.
function directive(text, line) {
    const [, word, rest] = /^(\w+)(?::\s*(.*?))?\s*$/su.exec(text) ?? [];
    if (word === 'skip') {
        if (!rest) {
            throw new Wrong(line, 'skip needs a reason: <!-- doctest: skip: REASON -->');
        }
        return { skip: rest };
    }
    if (word === 'also') {
        if (!rest) {
            throw new Wrong(line, 'also needs a command: <!-- doctest: also: COMMAND -->');
        }
        return { also: rest };
    }
    if (word === 'fresh' && !rest) {
        return { fresh: true };
    }
    throw new Wrong(line, `unknown direction "${text}"; there are skip: REASON, also: COMMAND and fresh`);
}

// The commands of a console block: { command, line, output, first, status }; first: index of the first output line.
function commands(block) {
    const found = [];
    let open = null;
    block.lines.forEach((text, i) => {
        if (open?.more) {
            open.command += `\n${text}`;
            open.more = text.endsWith('\\');
            open.first = i + 1;
        } else if (text.startsWith('$ ')) {
            open = {
                command: text.slice(2), line: block.line + 1 + i, output: [], first: i + 1,
                more: text.endsWith('\\'),
            };
            found.push(open);
        } else if (open) {
            open.output.push(text);
        } else {
            throw new Wrong(block.line + 1 + i, 'a console block begins with a command, "$ ..."');
        }
    });
    if (!found.length) {
        throw new Wrong(block.line, 'a console block has at least one command, "$ ..."');
    }
    for (const one of found) {
        one.status = Number(/\s# exits with (\d+)\s*$/u.exec(one.command)?.[1] ?? 0);
        while (one.output.length && one.output.at(-1).trim() === '') {
            one.output.pop();
        }
    }
    return found;
}

// parse(text): { blocks, wrong }; blocks: [{ language, line, lines, indent, skip, also, fresh, commands, file }]
// in order, line: that of the fence; wrong: what does not follow the conventions.
export function parse(text) {
    const blocks = [];
    const wrong = [];
    const guarded = (f) => {
        try {
            f();
        } catch (e) {
            if (!(e instanceof Wrong)) {
                throw e;
            }
            wrong.push(e);
        }
    };
    const source = text.split('\n');
    let said = {};
    for (let i = 0; i < source.length; i++) {
        const comment = /^\s*<!--\s*doctest:\s*(.*?)\s*-->\s*$/u.exec(source[i]);
        if (comment) {
            guarded(() => {
                const one = directive(comment[1], i + 1);
                said = { ...said, ...one, also: [...(said.also ?? []), ...(one.also ? [one.also] : [])] };
            });
            continue;
        }
        if (/<!--\s*doctest/u.test(source[i])) {
            wrong.push(new Wrong(i + 1, 'a doctest comment is a line of its own: <!-- doctest: ... -->'));
        }
        const fence = /^(\s*)(`{3,}|~{3,})\s*(\S*)\s*$/u.exec(source[i]);
        if (!fence) {
            if (source[i].trim() !== '' && said.also) {
                wrong.push(new Wrong(i + 1, 'a doctest comment stands right above the block that it directs'));
                said = {};
            }
            continue;
        }
        const [, indent, marks, language] = fence;
        const block = { language, line: i + 1, indent, lines: [], also: [], ...said };
        said = {};
        for (i++; i < source.length && source[i].trim() !== marks; i++) {
            block.lines.push(source[i].startsWith(indent) ? source[i].slice(indent.length) : source[i].trimStart());
        }
        if (i === source.length) {
            wrong.push(new Wrong(block.line, 'this block has no end'));
            break;
        }
        if (!languages.has(language)) {
            const not = language ? `, not "${language}"` : '';
            wrong.push(new Wrong(block.line, `a block needs one of the languages ${[...languages].join(', ')}${not}`));
            continue;
        }
        if (language === 'console') {
            block.commands = [];
            guarded(() => {
                block.commands = commands(block);
            });
        } else if (language === 'lua') {
            block.file = /^-- ([\w./-]+\.lua)(?::.*)?$/u.exec(block.lines[0] ?? '')?.[1];
        }
        blocks.push(block);
    }
    if (said.also) {
        wrong.push(new Wrong(source.length, 'a doctest comment at the end directs no block'));
    }
    return { blocks, wrong };
}
