// Relative links of a Markdown document have to point at files, and anchors at headings, as GitHub names them.
import fs from 'node:fs';
import path from 'node:path';

// The text without code, lines kept.
function prose(text) {
    let marks = '';
    return text.split('\n').map((line) => {
        const fence = /^\s*(`{3,}|~{3,})/u.exec(line)?.[1];
        if (fence && (!marks || line.trim() === marks)) {
            marks = marks ? '' : fence;
            return '';
        }
        return marks ? '' : line.replace(/(`+).*?\1/gu, (code) => `\`${'x'.repeat(code.length)}\``);
    });
}

// anchors(text): the names that a link can end with.
export function anchors(text) {
    const found = new Set();
    const source = text.split('\n');
    prose(text).forEach((line, i) => {
        for (const [, id] of line.matchAll(/<\w+[^>]*\s(?:id|name)="([^"]+)"/gu)) {
            found.add(id);
        }
        if (!/^#{1,6}\s/u.test(line)) {
            return;
        }
        const title = source[i].replace(/^#+\s+/u, '').replace(/\s+#*\s*$/u, '').replace(/\]\([^)]*\)/gu, ']');
        const name = title.toLowerCase().replace(/[^\p{L}\p{N}\p{M} _-]/gu, '').replaceAll(' ', '-');
        let unique = name;
        for (let n = 1; found.has(unique); n++) {
            unique = `${name}-${n}`;
        }
        found.add(unique);
    });
    return found;
}

// badLinks(file, root): [{ line, message }]
export function badLinks(file, root) {
    const text = fs.readFileSync(file, 'utf8');
    const bad = [];
    const source = text.split('\n');
    prose(text).forEach((line, i) => {
        const targets = [
            ...line.matchAll(/\]\(\s*<?([^)\s>]+)/gu),
            ...line.matchAll(/^\s*\[[^\]]+\]:\s*(\S+)/gu),
            ...line.matchAll(/\s(?:href|src|srcset)="([^"]+)"/gu),
        ].map((match) => match[1]);
        for (const target of targets) {
            if (/^[a-z][a-z0-9+.-]*:/iu.test(target)) {
                continue;
            }
            const [to, anchor] = target.split('#');
            const at = to ? path.resolve(path.dirname(file), decodeURIComponent(to)) : file;
            if (!at.startsWith(root) || !fs.existsSync(at)) {
                bad.push({ line: i + 1, message: `there is no ${target}` });
            } else if (anchor && (!at.endsWith('.md') || !anchors(fs.readFileSync(at, 'utf8')).has(anchor))) {
                bad.push({ line: i + 1, message: `there is no heading for ${target}` });
            }
        }
        if (/\]\(\s*\)/u.test(source[i])) {
            bad.push({ line: i + 1, message: 'a link to nowhere' });
        }
    });
    return bad;
}
