// sharp_folder.mjs MODULES JSON: every picture of a folder through sharp, in one process.
//
// MODULES is the folder that sharp was installed in. JSON: input, output, quality, qualities (by
// name, where they differ), box, five, jobs. One libvips thread a picture and `jobs` pictures at a
// time: sharp's own default on glibc, and quicker here than more threads for fewer pictures.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const [modules, text] = process.argv.slice(2);
const sharp = createRequire(path.resolve(modules) + '/')('sharp');
const options = JSON.parse(text);
const names = fs.readdirSync(options.input);

sharp.concurrency(1);
sharp.cache(false); // no picture comes twice

function converted(name) {
    let picture = sharp(path.join(options.input, name), { limitInputPixels: false });
    if (options.box) {
        picture = picture.resize(options.box, options.box,
            { fit: 'inside', withoutEnlargement: true });
    }
    picture = picture.greyscale();
    if (options.five) {
        // sharp has an order of its own; the work is the same.
        picture = picture.gamma(1, 1.2).linear(1.2, -25.5).blur(2).sharpen({ sigma: 1 });
    }
    picture = picture.toColourspace('b-w'); // one channel
    if (name.endsWith('.png')) {
        return picture.png();
    }
    // optimiseCoding off: no second pass over the coefficients, as everybody else here.
    return picture.jpeg({ quality: options.quality || options.qualities[name],
        optimiseCoding: false });
}

async function work() {
    for (let name = names.pop(); name; name = names.pop()) {
        await converted(name).toFile(path.join(options.output, name));
    }
}

await Promise.all(Array.from({ length: options.jobs }, work));
