/** Distributions, sampling parameters, named random streams. */
package redraft.sampling;
