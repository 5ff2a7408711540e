/** The files of a model directory: {@code pair.json}, configurations, vocabulary, chat template. */
package redraft.model.pair;
