/**
 * The library: a replay of traces for Java programs, with the numbers of {@code redraft replay}.
 */
package redraft;
