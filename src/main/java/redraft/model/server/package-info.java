/** Models that llama-server or vLLM runs, over HTTP. */
package redraft.model.server;
