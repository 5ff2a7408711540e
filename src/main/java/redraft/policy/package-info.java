/** Draft lengths: fixed, by history, by the draft's signal, foreseen; trees of candidates. */
package redraft.policy;
