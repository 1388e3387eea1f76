/** The workloads, in the order in which they run. A new one is a file here and a line. */
import { cells } from "./cells.mjs";
import { compile } from "./compile.mjs";
import { eigen } from "./eigen.mjs";
import { fixedPoints } from "./fixedPoints.mjs";
import { growth } from "./growth.mjs";
import { linalg } from "./linalg.mjs";
import { memory } from "./memory.mjs";
import { simulation } from "./simulation.mjs";
import { startUp } from "./startUp.mjs";
import { training } from "./training.mjs";

export const workloads = [training, growth, cells, simulation, eigen, linalg, fixedPoints, compile, startUp, memory];
