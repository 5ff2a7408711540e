/** Writes traces, measures passes. */
package redraft.recording;
