// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calls the compiled model of utils/demo.sh in Node, as a web page would:
// run.mjs MODULE PHOTO ACTIVE SHARES reads the photograph from a file and writes
// the results to two others.

import { readFile, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';

const [modulePath, photoPath, ...resultPaths] = process.argv.slice(2);
const { load } = await import(pathToFileURL(modulePath).href);
const model = await load();
const photo = new Int8Array(await readFile(photoPath));
const results = model.demo(photo);
for (const [i, path] of resultPaths.entries()) await writeFile(path, results[i]);
