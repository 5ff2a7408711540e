/** Options, wiring, printing: the only place that prints, exits or reads standard input. */
package redraft.cli;
