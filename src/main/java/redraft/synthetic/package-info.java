/** Acceptance presets, as drafts and as sources. */
package redraft.synthetic;
