package redraft.trace.archive;

import java.nio.file.Path;

/**
 * A trace of an archive.
 *
 * @param name within the archive, or as it was named
 */
public record NamedTrace(String name, Path file) {}
