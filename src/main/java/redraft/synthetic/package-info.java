/** Acceptance presets and acceptance typed in, as drafts and as sources. */
package redraft.synthetic;
