// Draws what a terminal shows, with its colours, as an SVG that needs nothing else: text in the reader's monospace font,
// stretched to its columns; block and box-drawing characters as shapes, so that they join in any font.

const CELL = 8.4; // width of a column, height of a line, size of the font, in pixels
const LINE = 18;
const FONT = 14;
const MARGIN = 14;

// Light on dark in a frame: readable on light and dark pages.
const paper = '#0d1117';
const frame = '#3d444d';
const plain = '#e6edf3';
const colours = {
    30: '#6e7681', 31: '#ff7b72', 32: '#56d364', 33: '#e3b341', 34: '#79c0ff', 35: '#d2a8ff', 36: '#76e3ea', 37: plain,
    90: '#8b949e',
};

const escaped = (s) => s.replace(/[&<>"]/gu, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);
const px = (n) => String(Math.round(n * 100) / 100);

const unstyled = { fill: plain, bold: false };

// cells(line, style): [{ char, fill, bold }], one for each column, as its escape sequences say; style: at its beginning.
// Their `style` is that of its end, for the next line.
export function cells(line, style = unstyled) {
    const list = [];
    for (const [, codes, char] of line.matchAll(/\x1b\[([\d;]*)m|\x1b\[[0-9;?]*[A-Za-z]|(.)/gsu)) {
        if (char !== undefined) {
            list.push({ char, ...style });
        } else if (codes !== undefined) {
            for (const code of codes.split(';').map(Number)) {
                if (code === 0) {
                    style = unstyled;
                } else if (code === 1) {
                    style = { ...style, bold: true };
                } else if (code === 39 || colours[code]) {
                    style = { ...style, fill: colours[code] ?? plain };
                } else {
                    throw new Error(`a picture does not know the escape sequence ${code}`);
                }
            }
        }
    }
    return Object.assign(list, { style });
}

const eighths = '▁▂▃▄▅▆▇█';
const shades = { '░': 0.4, '▒': 0.65, '▓': 0.85 };
// Lines from the middle of the cell: up, right, down, left.
const boxes = { '─': '0101', '│': '1010', '├': '1110', '└': '1100', '┌': '0110', '┐': '0011', '┘': '1001', '┤': '1011', '┬': '0111', '┴': '1101', '┼': '1111' };

// shape(cell, x, y): a character that is drawn, null for one that is written. y: the top of the line.
function shape({ char, fill }, x, y) {
    const level = eighths.indexOf(char) + 1;
    if (level) {
        const height = (LINE - 2) * level / 8;
        return `<rect x="${px(x)}" y="${px(y + LINE - 1 - height)}" width="${CELL}" height="${px(height)}" fill="${fill}"/>`;
    }
    if (shades[char]) {
        return `<rect x="${px(x)}" y="${px(y + 1)}" width="${CELL}" height="${LINE - 2}" fill="${fill}" opacity="${shades[char]}"/>`;
    }
    if (boxes[char]) {
        const [cx, cy] = [x + CELL / 2, y + LINE / 2];
        const ends = [[cx, y], [x + CELL, cy], [cx, y + LINE], [x, cy]];
        const d = ends.filter((_, i) => boxes[char][i] === '1').map(([ex, ey]) => `M${px(cx)} ${px(cy)}L${px(ex)} ${px(ey)}`);
        return `<path d="${d.join('')}" stroke="${fill}"/>`;
    }
    return null;
}

// The words of a line: neighbours of one style, written at their column and as wide as their columns.
function draw(row, y) {
    const out = [];
    for (let i = 0; i < row.length; ) {
        const x = MARGIN + i * CELL;
        const drawn = shape(row[i], x, y);
        if (drawn || row[i].char === ' ') {
            out.push(drawn ?? '');
            i++;
            continue;
        }
        const { fill, bold } = row[i];
        let n = i;
        while (n < row.length && row[n].char !== ' ' && row[n].fill === fill && row[n].bold === bold && !shape(row[n], 0, 0)) {
            n++;
        }
        const text = row.slice(i, n).map((cell) => cell.char).join('');
        const style = `${fill === plain ? '' : ` fill="${fill}"`}${bold ? ' font-weight="bold"' : ''}`;
        out.push(`<text x="${px(x)}" y="${px(y + LINE - 5)}" textLength="${px((n - i) * CELL)}"${style}>${escaped(text)}</text>`);
        i = n;
    }
    return out.join('');
}

// svg(lines, title, columns): the picture of a terminal of so many columns.
export function svg(lines, title, columns = 100) {
    const width = Math.round(2 * MARGIN + columns * CELL);
    const height = 2 * MARGIN + lines.length * LINE;
    let style;
    const rows = lines.map((line, i) => {
        const row = cells(line, style);
        style = row.style;
        return draw(row, MARGIN + i * LINE);
    });
    return [
        `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(title)}">`,
        `<title>${escaped(title)}</title>`,
        `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8" fill="${paper}" stroke="${frame}"/>`,
        `<g font-family="ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,'Liberation Mono',monospace" font-size="${FONT}" fill="${plain}" stroke-width="1">`,
        ...rows.filter((row) => row !== ''),
        '</g>',
        '</svg>',
        '',
    ].join('\n');
}
