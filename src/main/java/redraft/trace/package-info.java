/** The format: records, reader, writer, prompts. */
package redraft.trace;
