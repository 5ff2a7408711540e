package redraft.verify;

/**
 * With which probability a rule accepts a token drafted at a context, averaged over what the token
 * is; p and q are the target's and the draft's distribution there.
 */
public enum ContextAcceptance {
  /** Σ_v min(p(v), q(v)). */
  OVERLAP,
  /** Σ_v p(v) q(v). */
  MATCH,
  /** p(argmax q). */
  CHOICE
}
