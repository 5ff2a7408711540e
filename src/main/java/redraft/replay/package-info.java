/** Drafts and their laws; exact, sampled and plain replay into step sinks. */
package redraft.replay;
