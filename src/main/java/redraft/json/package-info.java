/**
 * Checked objects, lines read and written, compressed or not, registries of named things, files of
 * results and claims to them.
 */
package redraft.json;
