package redraft.verify;

/**
 * What one verification emits: the first {@code acceptedCount} drafted tokens, then {@code token},
 * which is <em>recovered</em> after a rejection and the <em>bonus</em> when every drafted token was
 * accepted.
 */
public record Verdict(int acceptedCount, int token) {}
