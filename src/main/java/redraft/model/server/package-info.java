/** Models that llama-server runs, over HTTP. */
package redraft.model.server;
