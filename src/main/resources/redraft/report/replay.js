'use strict';
// The arithmetic of the page, as redraft.replay and redraft.metrics have it: standard ECMAScript that knows
// nothing of the page, so that it runs wherever it is to be compared with them.
const replay = (() => {
  // ---- data

  const TYPES = { f64: Float64Array, f32: Float32Array, i32: Int32Array, u16: Uint16Array, u8: Uint8Array };

  const DIGITS = new Uint8Array(128); // of base64, by character
  for (let i = 0; i < 64; i++) {
    DIGITS['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'.charCodeAt(i)] = i;
  }

  function bytes(base64) {
    const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
    const decoded = new Uint8Array((base64.length / 4) * 3 - padding);
    for (let i = 0, at = 0; i < base64.length; i += 4) {
      let group = 0;
      for (let j = i; j < i + 4; j++) group = (group << 6) | DIGITS[base64.charCodeAt(j)];
      for (let shift = 16; shift >= 0; shift -= 8) decoded[at++] = group >> shift; // past the end: dropped
    }
    return decoded;
  }

  /** {type, data}: base64 of little-endian numbers. */
  function numbers(packed) {
    return new TYPES[packed.type](bytes(packed.data).buffer);
  }

  /** The page's data with numbers in place of text, in place. */
  function unpack(report) {
    report.deployments.forEach((deployment, index) => { deployment.index = index; });
    report.tQuantiles = numbers(report.tQuantiles); // of 1, 2, … degrees of freedom
    report.traces.forEach(unpackTrace);
    return report;
  }

  function unpackTrace(trace) {
    for (const key of ['tokens', 'pieceLengths', 'logprob', 'entropy']) {
      if (trace[key]) trace[key] = numbers(trace[key]);
    }
    trace.drafts.forEach((draft, index) => {
      draft.index = index;
      unpackDraft(draft);
    });
    // Where each text's tokens and pieces begin in the long arrays.
    let token = 0;
    let character = 0;
    for (const sequence of trace.sequences) {
      sequence.from = token;
      sequence.text = character;
      token += sequence.tokens;
      for (let i = sequence.from; trace.pieceLengths && i < token; i++) character += trace.pieceLengths[i];
    }
  }

  function unpackDraft(draft) {
    for (const key of ['logprob', 'rank', 'overlap', 'lengths', 'endKnown']) {
      if (draft[key]) draft[key] = numbers(draft[key]);
    }
    draft.starts = []; // where each text begins in the long arrays of the laws
    let start = 0;
    for (const length of draft.lengths) {
      draft.starts.push(start);
      start += length;
    }
    const laws = Object.values(draft.laws);
    for (const law of laws) {
      for (const key of ['factors', 'matched', 'survival', 'available']) {
        if (law[key]) law[key] = numbers(law[key]);
      }
    }
    for (const law of laws) {
      if (law.like) Object.assign(law, { ...draft.laws[law.like], ...law });
      law.positions = start;
      if (law.atMost != null) law.factors = Float64Array.from(law.factors, (factor) => Math.min(law.atMost, factor));
    }
  }

  // ---- random numbers: java.util.SplittableRandom, named streams as in redraft.sampling.RandomStreams

  const MASK = (1n << 64n) - 1n;

  class SplittableRandom {
    constructor(seed) {
      this.seed = BigInt.asUintN(64, seed);
    }
    next() {
      this.seed = (this.seed + 0x9e3779b97f4a7c15n) & MASK;
      return this.seed;
    }
    nextLong() {
      let z = this.next();
      z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK;
      z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & MASK;
      return z ^ (z >> 31n);
    }
    nextDouble() {
      return Number(this.nextLong() >> 11n) * 2 ** -53;
    }
  }

  function stream(seed, name) {
    let hash = 0xcbf29ce484222325n; // FNV-1a, 64 bits
    for (const piece of encodeURIComponent(name).match(/%..|./g)) { // a byte of UTF-8 each
      const byte = piece.length > 1 ? parseInt(piece.slice(1), 16) : piece.charCodeAt(0);
      hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & MASK;
    }
    return new SplittableRandom(new SplittableRandom(BigInt(seed)).nextLong() ^ new SplittableRandom(hash).nextLong());
  }
  // ---- acceptance laws: survival(t, K, S) sets S[k] = P(at least k drafted tokens accepted | path)

  /** Of one of the forms in which redraft.report.PageLaw writes laws, for a block at a place of the long arrays. */
  function survival(law, at, K, S) {
    S[0] = 1;
    if (law.factors) {
      let product = 1;
      for (let k = 1; k <= K; k++) {
        product *= law.factors[at + k - 1];
        S[k] = Math.min(S[k - 1], product);
      }
    } else if (law.matched) {
      for (let k = 1; k <= K; k++) S[k] = k <= law.matched[at] ? 1 : 0;
    } else {
      const longest = law.survival.length / law.positions;
      for (let k = 1; k <= K; k++) S[k] = law.survival[at * longest + k - 1];
    }
  }

  /** The law of one text under a draft and a rule. */
  function lawOf(draft, rule, sequence) {
    const law = draft.laws[rule];
    const from = draft.starts[sequence.index];
    return {
      length: draft.lengths[sequence.index],
      endKnown: draft.endKnown[sequence.index] === 1,
      available: (t) => (law.available ? law.available[from + t] : Infinity),
      survival: (t, K, S) => survival(law, from + t, K, S),
    };
  }

  // ---- costs

  /** Values at whole numbers, linear between the knots. */
  function spread(knots) {
    const from = knots.at[0];
    const values = new Float64Array(knots.at[knots.at.length - 1] - from + 1);
    values[0] = knots.values[0];
    for (let i = 1; i < knots.at.length; i++) {
      const width = knots.at[i] - knots.at[i - 1];
      const slope = (knots.values[i] - knots.values[i - 1]) / width;
      for (let x = 1; x < width; x++) values[knots.at[i - 1] - from + x] = knots.values[i - 1] + slope * x;
      values[knots.at[i] - from] = knots.values[i];
    }
    return (context) => values[context - from];
  }

  /**
   * What steps cost.
   *
   * @param deployment of the report; where only a cost ratio is known, it is the one given here
   */
  function costsOf(trace, deployment, draft, costRatio) {
    if (deployment.costRatio != null) {
      const c = draft.model ? costRatio : 0;
      return { context: deployment.context, baseline: () => 1, speculative: (K) => K * c + 1, catchUp: () => 0 };
    }
    let known = draft.index; // drafts that cost as the one before them have none of their own
    while (trace.curves[deployment.index][known] == null) known--;
    const knots = trace.curves[deployment.index][known];
    if (!knots.spread) {
      const tables = knots.speculative.map(spread);
      knots.spread = {
        context: deployment.context,
        baseline: spread(knots.baseline),
        speculative: (K, context) => tables[K](context),
        catchUp: spread(knots.catchUp),
      };
    }
    return knots.spread;
  }
  // ---- replay

  /** The exact expectation of one text. */
  function expectation(sequence, law, K, costs) {
    const tokens = law.length;
    const sums = { tokens, steps: 0, drafted: 0, time: 0, baselineTime: 0 };
    const start = new Float64Array(tokens + 1); // P(a step starts at t)
    const S = new Float64Array(K + 1);
    const prompt = (costs.context == null ? sequence.promptTokens : costs.context) + sequence.decodeFrom;
    start[0] = 1;
    for (let t = 0; t < tokens; t++) {
      const context = prompt + t - 1;
      sums.baselineTime += costs.baseline(context);
      const u = start[t];
      if (u === 0) continue;
      const left = tokens - t - 1;
      let count = Math.min(K, law.available(t));
      if (law.endKnown) count = Math.min(count, left);
      const most = Math.min(count, left);
      law.survival(t, most, S);
      sums.steps += u;
      sums.drafted += u * count;
      sums.time += u * costs.speculative(count, context);
      for (let k = 0; k <= most; k++) {
        if (k < left) start[t + k + 1] += u * (k < most ? S[k] - S[k + 1] : S[k]);
      }
      if (count > 0 && count < left) sums.time += u * S[count] * costs.catchUp(context + count + 1);
    }
    return sums;
  }

  const KEYS = ['tokens', 'steps', 'drafted', 'time', 'baselineTime'];

  /** All texts of a domain together, and by prompt for the interval. */
  function pool(trace, draft, rule, K, costs, domain) {
    const total = { tokens: 0, steps: 0, drafted: 0, time: 0, baselineTime: 0, sequences: 0 };
    const byId = new Map();
    for (const sequence of trace.sequences) {
      if (domain !== 'all' && sequence.domain !== domain) continue;
      const sums = expectation(sequence, lawOf(draft, rule, sequence), K, costs);
      const own = byId.get(sequence.id);
      for (const key of KEYS) total[key] += sums[key];
      total.sequences++;
      if (own) {
        own[0] += sums.baselineTime;
        own[1] += sums.time;
      } else {
        byId.set(sequence.id, [sums.baselineTime, sums.time]);
      }
    }
    const accepted = total.tokens - total.steps;
    return {
      ...total,
      accepted,
      byId,
      speedup: total.baselineTime / total.time,
      tokensPerStep: 1 + accepted / total.steps,
      draftAcceptanceRate: accepted / total.drafted,
      timePerToken: total.time / total.tokens,
      baselineTimePerToken: total.baselineTime / total.tokens,
    };
  }

  /**
   * 95% around the ratio of sums over prompts, by Student's t, as redraft.metrics.RatioSums has it: [low, high].
   * Null below two prompts, which say nothing of others.
   */
  function interval(report, result) {
    const n = result.byId.size;
    if (n < 2) return null;
    const ratio = result.baselineTime / result.time;
    let xx = 0;
    let xy = 0;
    const power = [0, 0, 0, 0, 0]; // sums of y, y², …, from 1
    for (const [x, y] of result.byId.values()) {
      xx += x * x;
      xy += x * y;
      for (let i = 1; i < power.length; i++) power[i] += y ** i;
    }
    const [h2, h3, h4] = [2, 3, 4].map((i) => power[i] / power[1] ** i);
    const squares = Math.max(0, xx - 2 * ratio * xy + ratio * ratio * power[2]); // rounding below 0
    const error = Math.sqrt((squares * h2) / (h2 - 2 * h3 + h2 * h2)) / power[1];
    const freedom = Math.max(1, Math.floor((h2 * h2) / h4 - 1 + 1e-9));
    const reach = Math.exp((report.tQuantiles[freedom - 1] * error) / ratio);
    return [ratio / reach, ratio * reach];
  }

  /** The results of several draft lengths, and which of them is the first with the highest speedup. */
  function sweep(trace, draft, rule, lengths, costs, domain) {
    const results = lengths.map((K) => pool(trace, draft, rule, K, costs, domain));
    return { results, best: fastest(results.map((one) => one.speedup)) };
  }

  /** The place of the greatest, the first of them. */
  const fastest = (speedups) => speedups.reduce((best, speedup, i) => (speedup > speedups[best] ? i : best), 0);

  /** P(at least k accepted) for k = 0 … longest, where each token is accepted with the same probability. */
  const constant = (alpha, longest) => Array.from({ length: longest + 1 }, (_, k) => alpha ** k);

  /** The place of the draft length that such probabilities would choose, for a text without end and at a mean context. */
  function trusting(survival, lengths, costs, context) {
    const tokens = (K) => survival.slice(0, K + 1).reduce((sum, one) => sum + one, 0);
    return fastest(lengths.map((K) => (tokens(K) * costs.baseline(context)) / costs.speculative(K, context)));
  }

  /** Tokens in the cache when a step starts, on average over the generated tokens, rounded. */
  function meanContext(trace, draft, costs, domain) {
    let sum = 0;
    let tokens = 0;
    for (const sequence of trace.sequences) {
      if (domain !== 'all' && sequence.domain !== domain) continue;
      const own = draft.lengths[sequence.index];
      const prompt = (costs.context == null ? sequence.promptTokens : costs.context) + sequence.decodeFrom;
      sum += own * (prompt - 1 + (own - 1) / 2);
      tokens += own;
    }
    return Math.max(0, Math.round(sum / tokens));
  }

  /** One run drawn from the same law: [{start, drafted, accepted}], as replay --sampled draws its first. */
  function timeline(sequence, law, K, seed) {
    const random = stream(seed, 'replay/' + sequence.id + '/' + sequence.sample);
    const S = new Float64Array(K + 1);
    const steps = [];
    for (let t = 0; t < law.length; ) {
      let drafted = Math.min(K, law.available(t));
      if (law.endKnown) drafted = Math.min(drafted, law.length - t - 1);
      const most = Math.min(drafted, law.length - t - 1);
      law.survival(t, most, S);
      const u = random.nextDouble();
      let accepted = 0;
      while (accepted < most && u < S[accepted + 1]) accepted++;
      steps.push({ start: t, drafted, accepted });
      t += accepted + 1;
    }
    return steps;
  }

  return { unpack, stream, lawOf, costsOf, expectation, pool, sweep, constant, trusting, meanContext, interval, timeline };
})();
