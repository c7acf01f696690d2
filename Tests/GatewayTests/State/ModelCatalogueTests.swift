import Gateway
import Testing

/// What is read out of a backend's list of models, and what is not believed.
@Suite struct ModelCatalogueTests {
  private func read(_ text: String, status: Int = 200) throws(DiscoveryFault) -> ModelList {
    try ModelListReader.read(status: status, Array(text.utf8))
  }

  @Test("OpenAI's list")
  func openAI() throws {
    let list = try self.read(
      #"{"object":"list","data":[{"id":"gpt-4o","object":"model","created":1715367049,"owned_by":"system"},{"id":"o3"}]}"#
    )
    #expect(list.models.map(\.id) == ["gpt-4o", "o3"])
    #expect(list.models[0].createdSeconds == 1_715_367_049 && list.models[0].ownedBy == "system")
    #expect(list.profileName == nil)
  }

  @Test("vLLM's, SGLang's and Ollama's lists, with their windows and their own word for themselves")
  func localServers() throws {
    let vllm = try self.read(
      #"{"data":[{"id":"Qwen/Qwen3-32B","owned_by":"vllm","max_model_len":40960,"permission":[{}]}]}"#)
    #expect(vllm.models[0].contextTokens == 40_960 && vllm.profileName == "vllm")
    let sglang = try self.read(#"{"data":[{"id":"m","owned_by":"sglang","max_model_len":8192}]}"#)
    #expect(sglang.profileName == "sglang")
    let ollama = try self.read(#"{"object":"list","data":[{"id":"llama3.2:3b","owned_by":"library"}]}"#)
    #expect(ollama.profileName == "ollama")
    let tags = try self.read(#"{"models":[{"name":"llama3.2:3b","model":"llama3.2:3b","size":1}]}"#)
    #expect(tags.models.map(\.id) == ["llama3.2:3b"])
  }

  @Test("windows, features and prices of the hosts that publish them")
  func capabilities() throws {
    let list = try self.read(
      #"""
      {"data":[
       {"id":"a","context_length":131072,"top_provider":{"max_completion_tokens":8192},"pricing":{"prompt":"0.0000015","completion":"0.000002"},"supported_parameters":["tools"]},
       {"id":"b","price":{"input":{"usd":0.1,"tao":1},"output":{"usd":0.4}},"supported_features":["reasoning","tools"],"context_window":4096},
       {"id":"c","pricing":{"prompt":1,"completion":4}},
       {"id":"d","max_model_len":-1,"pricing":{"prompt":"free"},"name":"Model D"}]}
      """#)
    let models = list.models
    #expect(models[0].contextTokens == 131_072 && models[0].outputTokens == 8_192)
    #expect(models[0].price == ModelPrice(input: 1.5, output: 2))
    #expect(models[0].features == ["tools"])
    #expect(models[1].price == ModelPrice(input: 0.1, output: 0.4) && models[1].contextTokens == 4_096)
    #expect(models[2].price == ModelPrice(input: 1, output: 4))
    #expect(models[3].contextTokens == nil && models[3].price == nil && models[3].displayName == "Model D")
  }

  @Test("a name is found exactly first, else in any case")
  func find() throws {
    let list = try self.read(#"{"data":[{"id":"Org/Model-X"},{"id":"org/model-x"},{"id":"ORG/Y"}]}"#)
    #expect(list.find("org/model-x")?.id == "org/model-x")
    #expect(list.find("Org/Model-X")?.id == "Org/Model-X")
    #expect(list.find("ORG/MODEL-X")?.id == "Org/Model-X")
    #expect(list.find("org/y")?.id == "ORG/Y")
    #expect(list.find("org/z") == nil && list.find("") == nil)
  }

  static let rubbish: [(Int, String, DiscoveryFault)] = [
    (200, "{}", .unusable), (200, "", .unusable), (200, "null", .unusable), (200, "<html>", .unusable),
    (200, #"{"data":null}"#, .unusable), (200, #"{"data":{"id":"a"}}"#, .unusable),
    (200, #"{"data":[1,null,"x",{},{"id":5},{"id":""},{"id":"a\nb"}]}"#, .unusable),
    (200, #"{"data":["#, .unusable), (200, String(repeating: "[", count: 100_000), .unusable),
    (401, #"{"data":[{"id":"a"}]}"#, .needsKey), (403, "no", .needsKey),
    (404, "no", .refused), (500, String(repeating: "é", count: 150), .refused), (302, "", .refused),
  ]

  @Test("what is no list of models is refused, and the list before it stays", arguments: Self.rubbish)
  func refuses(status: Int, body: String, fault: DiscoveryFault) throws {
    var catalogue = ModelCatalogue()
    catalogue.learned(try self.read(#"{"data":[{"id":"kept"}]}"#), now: 1_000)
    do throws(DiscoveryFault) {
      _ = try self.read(body, status: status)
      Issue.record("was accepted")
    } catch {
      #expect(error == fault)
      catalogue.failed(error)
    }
    #expect(catalogue.list?.models.map(\.id) == ["kept"])
    let reading = catalogue.reading(now: 61_000)
    #expect(reading.models == 1 && reading.ageSeconds == 60 && reading.lastFault == fault)
    #expect(reading.refreshes == 1 && reading.failures == 1)
  }

  @Test("bad entries are left out of a good list, and an empty list is a list")
  func tolerance() throws {
    #expect(
      try self.read(#"{"data":[{"id":"a"},{},{"id":"a"},7,{"id":"b"}]}"#).models.map(\.id) == ["a", "b"])
    #expect(try self.read(#"{"data":[]}"#).isEmpty)
  }

  @Test("a list has a bound, and so has an id")
  func bounds() throws {
    let many = (0..<6_000).map { #"{"id":"m\#($0)"}"# }.joined(separator: ",")
    #expect(try self.read(#"{"data":[\#(many)]}"#).models.count == 5_000)
    let long = String(repeating: "x", count: 257)
    #expect(try self.read(#"{"data":[{"id":"\#(long)"},{"id":"ok"}]}"#).models.map(\.id) == ["ok"])
  }

  @Test("the listing sorts owners upwards and their models downwards, reasoning first, in two columns")
  func listing() throws {
    let list = try self.read(
      #"""
      {"data":[{"id":"Zeta/a"},{"id":"alpha/b"},{"id":"beta"},{"id":"alpha/c","pricing":{"prompt":1,"completion":0.5}},
      {"id":"think/x","supported_features":["Reasoning"],"pricing":{"prompt":3,"completion":9}}]}
      """#)
    let lines = ModelListing.text(missing: "nope", in: list).split(
      separator: "\n", omittingEmptySubsequences: false)
    #expect(
      lines == [
        "\u{274C} Model `nope` not found.", "", "Available models (5):", "", "Reasoning models:",
        "$$$$ think/x",
        "", "Standard models:", "$$   alpha/c                                    SUB  beta",
        "SUB  alpha/b                                    SUB  Zeta/a", "",
        Substring(String(repeating: "\u{2500}", count: 96)), "Choose one with: /model <model-name>",
      ])
  }

  @Test("a listing of thousands names some and counts the rest")
  func longListing() throws {
    let many = (0..<5_000).map { #"{"id":"m\#($0)"}"# }.joined(separator: ",")
    let text = ModelListing.text(missing: "x", in: try self.read(#"{"data":[\#(many)]}"#))
    #expect(text.contains("and 4500 more") && text.utf8.count < 40_000)
  }
}
