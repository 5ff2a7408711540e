/** Settings of serving engines by release, as data and one file an engine. */
package redraft.export;
