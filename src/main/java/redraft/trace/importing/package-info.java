/** Importers of other formats, one file each. */
package redraft.trace.importing;
