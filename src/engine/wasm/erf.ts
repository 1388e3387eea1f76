import type { FunctionBuilder } from "./assembler.ts";
import { expModerate, polynomial, withSign } from "./exponential.ts";
import type { Fragment, Local } from "./fragments.ts";
import type { Precision, Vector } from "./vector.ts";

/** erf(x) / x in x², |x| ≤ 1 (Remez; 2^-30 in f32, 2^-57 in f64). */
const SMALL: Record<Precision, readonly number[]> = {
  f32: [
    1.1283791657083433, -0.37612625675376515, 0.11283583214702604, -0.02685372099381034, 0.005188136024508547,
    -0.0008008345198410028, 7.847217246187492e-5,
  ],
  f64: [
    1.1283791670955126, -0.37612638903183515, 0.11283791670943973, -0.026866170643076275, 0.005223977605821358,
    -0.0008548325914718433, 0.00012055293130975034, -1.4924703572726404e-5, 1.6447022029839565e-6,
    -1.6205461863232195e-7, 1.3707243141214788e-8, -7.772400245222559e-10,
  ],
}; // biome-ignore format: a table
/** exp(x²) erfc(x) in 1 / (2 + x), 1 ≤ x ≤ 4 or 6, to the absolute error that erf(x) allows (2^-34 and 2^-55). */
const LARGE: Record<Precision, readonly number[]> = {
  f32: [
    0.0018179900713830655, 0.5194788976946862, 1.5866729544039906, -0.5138463667910086, 10.183733233318083,
    -7.383505483917535,
  ],
  f64: [
    2.890953091524305e-5, 0.5629298812916645, 1.1531408944270167, 1.6859944129094484, 5.022617130754072,
    -8.699055427475198, 39.245188359910586, -93.29387487823635, 75.24670500063593, 37.86329567481335,
    -101.31764894357747, 49.391486191727694,
  ],
}; // biome-ignore format: a table

/** The error function, 2/sqrt(π) ∫_0^x exp(-t²) dt: x P(x²) for |x| < 1, else sign(x) (1 - exp(-x²) Q(1 / (2 + |x|))). */
export function erf(f: FunctionBuilder, v: Vector, x: Local): Fragment {
  // From here on the result rounds to 1.
  const a = f.local("v128", v.pmin(v.abs(x), v.precision === "f32" ? 4 : 6));
  const z = f.local("v128", v.mul(a, a));
  const y = f.local("v128", v.neg(z));
  const s = f.local("v128", v.div(1, v.add(a, 2)));
  const large = v.nmadd(expModerate(f, v, y), polynomial(v, LARGE[v.precision], s), 1);
  return withSign(v, v.select(v.lt(a, 1), v.mul(a, polynomial(v, SMALL[v.precision], z)), large), x);
}
