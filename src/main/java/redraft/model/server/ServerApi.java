package redraft.model.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpResponse;
import redraft.model.server.JsonServer.Program;

/** How a server is asked for probabilities. */
public enum ServerApi {
  /** Token by token, with the probabilities of the whole vocabulary. */
  LLAMA_CPP("llama.cpp"),
  /** A text at once, with the probabilities of its own tokens, as vLLM gives them. */
  OPENAI("openai");

  private static final String MODELS = "/v1/models";

  private final String word;

  ServerApi(String word) {
    this.word = word;
  }

  /** As options have it. */
  public String word() {
    return word;
  }

  /**
   * Tells the two by how the server lists its models, which it is asked for without a key:
   * llama-server lists them to everyone, as its own.
   *
   * @throws redraft.model.ModelException if it cannot be reached or lists none
   */
  public static ServerApi of(URI address, ServerContact contact) {
    JsonServer server = new JsonServer(Program.ANY, address, contact.withoutKey());
    HttpResponse<byte[]> response = server.once(MODELS);
    if (response.statusCode() == 401 || response.statusCode() == 403) {
      return OPENAI;
    }
    JsonNode model = server.read(MODELS, response, JsonNode.class).at("/data/0");
    return model.path("owned_by").asText().equals("llamacpp") || model.hasNonNull("meta")
        ? LLAMA_CPP
        : OPENAI;
  }
}
