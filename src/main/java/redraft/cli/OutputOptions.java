package redraft.cli;

import picocli.CommandLine.Option;

/** Where rows of domains go besides the table for people. */
final class OutputOptions extends ResultOptions {
  @Option(names = "--by-domain", description = "Also rows of each domain by itself.")
  boolean byDomain;
}
