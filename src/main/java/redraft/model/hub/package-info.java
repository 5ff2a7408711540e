/** The catalogue of pairs, and pulling them from the Hugging Face hub. */
package redraft.model.hub;
