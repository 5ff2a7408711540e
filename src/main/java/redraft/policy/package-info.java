/** Draft lengths: fixed, by history, foreseen. */
package redraft.policy;
