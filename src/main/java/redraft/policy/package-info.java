/** Draft lengths: fixed, by history, foreseen; trees of candidates. */
package redraft.policy;
