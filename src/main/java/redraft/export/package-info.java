/**
 * Settings of serving engines, by release: what the best setting of a trace is in an engine's own
 * words, and never one that its release would refuse.
 */
package redraft.export;
