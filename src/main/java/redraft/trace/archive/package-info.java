/** Traces of many files: merging, splitting, shards, the index, checking all of them. */
package redraft.trace.archive;
