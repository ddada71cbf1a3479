// The shape of what a program prints: what is the same in every run. Two outputs of one shape differ in numbers,
// times, sizes, bars and in where lines were folded, and in nothing else.

// What is the same in every run although it has digits in it: literals and bounds, how many of how many leaves,
// SQLSTATEs.
const exact = [
    /(?<!\w)'(?!\{\d)[^'\s]*(?: [\d:.+]+)?'/gu,
    /\(\d{4}-\d\d-\d\d\)/gu,
    /(?<![\w.,])\d{1,3} of \d{1,3}(?![\w.,])/gu,
    /(?<![\w.,])\d{1,4} (?:leaf|leaves|pruned|steps?)\b/gu,
    /\((?:\d[0-9A-Z]{4})\)/gu,
];

const number = String.raw`(?<![\w.])[~<>+-]?\d[\d,]*(?:\.\d+)*`;
const rules = [
    [/(?:~|\/home\/\w+)\/\.local\/state\/partdemo|\/var\/lib\/partdemo/gu, '‹state›'],
    [/\bpartdemo_test_\d+_\d+/gu, 'partdemo_test_‹n›'],
    // OIDs, in an array and in a name.
    [/(?<='\{)\d+(?:,\d+)*(?=\}')/gu, '‹n›'],
    [/(?<=\bpartdemo_\w*?)\d{4,}\b/gu, '‹n›'],
    [/(?<!\w)\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?: ?(?:UTC|[+-]\d\d(?::?\d\d)?))?/gu, '‹when›'],
    [/(?<!\w)\d{4}-\d\d-\d\d(?!\w)/gu, '‹when›'],
    [/(?<![\w:])\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?![\w:])/gu, '‹when›'],
    [new RegExp(`(?:under )?${number} (?:ms|s|µs|min(?: \\d+ s)?)(?!\\w)`, 'gu'), '‹time›'],
    [new RegExp(`${number}(?:ms|s)(?!\\w)`, 'gu'), '‹time›'],
    [new RegExp(`${number} (?:bytes?|kB|MB|GB|TB)(?!\\w)`, 'gu'), '‹size›'],
    [new RegExp(`${number}x (?:faster|slower)|(?<=\\s)same$`, 'gu'), '‹ratio›'],
    [new RegExp(`${number}(?![\\w.])`, 'gu'), '‹n›'],
    [/(?<=\s|^)-(?=\s|$)/gu, '‹n›'],
    [/[▁▂▃▄▅▆▇█░▒▓]+(?:[ ·]*[▁▂▃▄▅▆▇█░▒▓]+)*/gu, '‹bar›'],
    // A cell that did not fit, cut where the numbers beside it left room.
    [/\S*…/gu, '…'],
    // The lines of psql's tables.
    [/-{2,}/gu, '--'],
    [/={2,}/gu, '=='],
    // The plural of what was counted.
    [/‹n› (\w+?)(?:ies|ys?)\b/gu, '‹n› $1y'],
    [/‹n› (\w+?)s?\b/gu, '‹n› $1'],
];

// tokens(line): the words of a line, as far as they are its shape.
export function tokens(line) {
    const kept = [];
    let s = line;
    for (const pattern of exact) {
        s = s.replace(pattern, (text) => `\uE000${String.fromCharCode(0xe001 + kept.push(text) - 1)}`);
    }
    for (const [pattern, name] of rules) {
        s = s.replace(pattern, name);
    }
    s = s.replace(/\uE000(.)/gu, (_, c) => kept[c.charCodeAt(0) - 0xe001]);
    return s.split(/\s+/u).filter((word) => word !== '');
}

export const isElision = (line) => line.trim() === '...';

// The words of many lines; starts[i]: word i is the first one of its line.
function words(lines) {
    const all = [];
    const starts = [];
    for (const line of lines) {
        tokens(line).forEach((word, i) => {
            all.push(word);
            starts.push(i === 0);
        });
    }
    starts.push(true);
    return { all, starts };
}

// sameShape(expected, real): arrays of lines. Where a line is folded does not count; a line `...` of the expected
// ones stands for any number of whole lines.
export function sameShape(expected, real) {
    const parts = [[]];
    for (const line of expected) {
        if (isElision(line)) {
            parts.push([]);
        } else {
            parts[parts.length - 1].push(line);
        }
    }
    const { all, starts } = words(real);
    const wanted = parts.map((part) => words(part).all);
    const fits = (part, at) =>
        starts[at] && starts[at + part.length] && part.every((word, i) => all[at + i] === word);
    if (wanted.length === 1) {
        return wanted[0].length === all.length && fits(wanted[0], 0);
    }
    const last = wanted.pop();
    const first = wanted.shift();
    if (!fits(first, 0)) {
        return false;
    }
    let at = first.length;
    for (const part of wanted) {
        while (at <= all.length && !fits(part, at)) {
            at++;
        }
        if (at > all.length) {
            return false;
        }
        at += part.length;
    }
    return all.length - last.length >= at && fits(last, all.length - last.length);
}

// Pairs [i, j] of the longest common subsequence of two arrays.
function common(a, b) {
    const best = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
    for (let i = a.length - 1; i >= 0; i--) {
        for (let j = b.length - 1; j >= 0; j--) {
            best[i][j] = a[i] === b[j] ? best[i + 1][j + 1] + 1 : Math.max(best[i + 1][j], best[i][j + 1]);
        }
    }
    const pairs = [];
    for (let i = 0, j = 0; i < a.length && j < b.length; ) {
        if (a[i] === b[j]) {
            pairs.push([i++, j++]);
        } else if (best[i + 1][j] >= best[i][j + 1]) {
            i++;
        } else {
            j++;
        }
    }
    return pairs;
}

// align(expected, real): steps of the way from the one to the other by shape, each
// { kind: 'same' | 'gone' | 'new' | 'elided', expected?, real? }.
export function align(expected, real) {
    const shape = (line) => tokens(line).join(' ');
    const pairs = common(expected.map(shape), real.map(shape));
    const steps = [];
    let i = 0;
    let j = 0;
    for (const [x, y] of [...pairs, [expected.length, real.length]]) {
        const gone = expected.slice(i, x);
        const more = real.slice(j, y);
        const elided = gone.some(isElision);
        for (const line of gone) {
            steps.push({ kind: isElision(line) ? 'elided' : 'gone', expected: line });
        }
        if (!elided) {
            steps.push(...more.map((line) => ({ kind: 'new', real: line })));
        } else if (gone.length > 1) {
            // Beside lines that are gone, what `...` would have stood for is not known.
            steps.push(...more.slice(0, 20).map((line) => ({ kind: 'new', real: line })));
        }
        if (x < expected.length) {
            steps.push({ kind: 'same', expected: expected[x], real: real[y] });
        }
        i = x + 1;
        j = y + 1;
    }
    return steps;
}

// difference(expected, real): the lines to show, with `-` for the document's and `+` for the real ones, and three lines
// around them.
export function difference(expected, real) {
    const sign = { same: ' ', gone: '-', new: '+', elided: ' ' };
    const steps = align(expected, real);
    const plain = (step) => step.kind === 'same' || step.kind === 'elided';
    const shown = steps.map((_, i) => steps.slice(Math.max(0, i - 3), i + 4).some((step) => !plain(step)));
    const lines = [];
    steps.forEach((step, i) => {
        if (shown[i]) {
            lines.push(`${sign[step.kind]} ${step.expected ?? step.real}`);
        } else if (i === 0 || shown[i - 1]) {
            lines.push('  ⋮');
        }
    });
    return lines;
}
