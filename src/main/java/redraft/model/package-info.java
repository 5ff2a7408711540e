/** Language model, session, tokenizer. */
package redraft.model;
