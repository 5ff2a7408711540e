/** Plain and speculative decoding loops, the model drafter. */
package redraft.decode;
