/** Proposals; drafters that need no model. */
package redraft.draft;
