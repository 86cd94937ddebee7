using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;
using static RunnerScaler.Tests.Sandbox.Cluster.StoreFixture;

namespace RunnerScaler.Tests.Sandbox.Cluster;

public sealed class CustomTypesTests
{
    private const string Definition = """
        {"metadata":{"name":"boxes.example.io"},
         "spec":{"group":"example.io","scope":"Namespaced","names":{"plural":"boxes","kind":"Box"},
          "versions":[{"name":"v1","served":true,"storage":true,"subresources":{"status":{}},
           "schema":{"openAPIV3Schema":{"type":"object","required":["spec"],"properties":{
            "spec":{"type":"object","required":["size"],"properties":{
              "size":{"type":"integer","minimum":1,"maximum":10},
              "mode":{"type":"string","enum":["Sidecar","None"],"default":"Sidecar"},
              "name":{"type":"string","pattern":"^[a-z]+$","maxLength":5},
              "labels":{"type":"array","minItems":1,"items":{"type":"string"},"x-kubernetes-list-type":"set"},
              "template":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}},
            "status":{"type":"object","properties":{
              "observed":{"type":"integer"},
              "conditions":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["type"],
               "items":{"type":"object","required":["type"],"properties":{
                "type":{"type":"string"},"status":{"type":"string"},"reason":{"type":"string"}}}}}}}}}}]}}
        """;

    private readonly ObjectStore store = new StoreFixture().Store;
    private readonly ResourceType boxes;

    public CustomTypesTests()
    {
        store.Create(KnownTypes.CustomResourceDefinitions, null, Json(Definition));
        boxes = store.FindType("example.io", "v1", "boxes")!;
    }

    [Fact]
    public void ADefinitionMakesItsApiExist()
    {
        Assert.True(boxes is { Namespaced: true, HasStatus: true, IsCustom: true });
        var definition = store.Get(KnownTypes.CustomResourceDefinitions, null, "boxes.example.io");
        Assert.Equal("True", Conditions.Of(definition.Value, "Established"));
        Assert.Equal("BoxList", definition.Value.Text("spec", "names", "listKind"));

        Create("a", """{"size":1}""");
        store.Delete(KnownTypes.CustomResourceDefinitions, null, "boxes.example.io");
        Assert.Null(store.FindType("example.io", "v1", "boxes"));
    }

    [Fact]
    public void UnknownFieldsArePrunedAndDefaultsAreSet()
    {
        var box = Create("a", """{"size":1,"unknown":2,"template":{"anything":{"goes":[1]}}}""");
        Assert.Null(box.Value.At("spec", "unknown"));
        Assert.Equal("Sidecar", box.Value.Text("spec", "mode"));
        Assert.NotNull(box.Value.At("spec", "template", "anything", "goes"));
    }

    [Theory]
    [InlineData("""{}""", "spec.size: Required value")]
    [InlineData("""{"size":0}""", "spec.size in body should be greater than or equal to 1")]
    [InlineData("""{"size":11}""", "spec.size in body should be less than or equal to 10")]
    [InlineData("""{"size":"1"}""", "spec.size in body must be of type integer: \"string\"")]
    [InlineData("""{"size":1.5}""", "spec.size in body must be of type integer: \"number\"")]
    [InlineData("""{"size":1,"mode":"Other"}""",
        "spec.mode: Unsupported value: \"Other\": supported values: \"Sidecar\", \"None\"")]
    [InlineData("""{"size":1,"name":"UP"}""", "spec.name in body should match '^[a-z]+$'")]
    [InlineData("""{"size":1,"name":"toolong"}""", "spec.name in body should be at most 5 chars long")]
    [InlineData("""{"size":1,"labels":["a","a"]}""", "spec.labels[1]: Duplicate value: \"a\"")]
    [InlineData("""{"size":1,"labels":[]}""", "spec.labels in body should have at least 1 items")]
    [InlineData("""{"size":1,"name":null}""", "spec.name in body must be of type string: \"null\"")]
    public void AnInvalidObjectIsRefusedWithASentence(string spec, string sentence)
    {
        var failure = Refusal(422, () => Create("a", spec));
        Assert.Contains(sentence, failure.Message, StringComparison.Ordinal);
        Assert.StartsWith("Box.example.io \"a\" is invalid: ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheGenerationCountsChangesOfTheSpecOnly()
    {
        Create("a", """{"size":1}""");
        Change(v => v["metadata"]!["labels"] = Json("""{"a":"b"}"""));
        Change(v => v["status"] = Json("""{"observed":1}"""), Part.Status);
        Assert.Equal(1, store.Get(boxes, "default", "a").Value.Number("metadata", "generation"));
        Change(v => v["spec"]!["size"] = 2);
        var box = store.Get(boxes, "default", "a").Value;
        Assert.Equal((2, 1), (box.Number("metadata", "generation"), box.Number("status", "observed")));
    }

    [Fact]
    public void AppliedConditionsAreMergedByType()
    {
        Create("a", """{"size":1}""");
        Apply("first", """{"observed":1,"conditions":[{"type":"Ready","status":"True"}]}""");
        var box = Apply("second", """{"conditions":[{"type":"QueueRead","status":"False"}]}""", force: true);
        Assert.Equal(("True", "False"), (Conditions.Of(box.Value, "Ready"), Conditions.Of(box.Value, "QueueRead")));
    }

    [Fact]
    public void WhatAManagerAppliesNoMoreIsRemoved()
    {
        Create("a", """{"size":1}""");
        Apply("first", """{"observed":1,"conditions":[{"type":"Ready","status":"True"}]}""");
        Apply("second", """{"conditions":[{"type":"Other","status":"True"}]}""", force: true);
        var box = Apply("first", """{"conditions":[]}""", force: true);
        Assert.Null(box.Value.At("status", "observed"));
        Assert.Equal((null, "True"), (Conditions.Of(box.Value, "Ready"), Conditions.Of(box.Value, "Other")));
    }

    [Fact]
    public void ApplyingWhatAnotherManagerHasAppliedIsAConflictUnlessForced()
    {
        Create("a", """{"size":1}""");
        Apply("first", """{"observed":1}""");
        var failure = Refusal(409, () => Apply("second", """{"observed":2}"""));
        Assert.Contains("\"first\" has applied this object", failure.Message, StringComparison.Ordinal);
        Assert.Equal(2, Apply("second", """{"observed":2}""", force: true).Value.Number("status", "observed"));
    }

    [Theory]
    [InlineData("""{"group":""}""", "spec.group")]
    [InlineData("""{"scope":"Global"}""", "spec.scope")]
    [InlineData("""{"group":"other.io"}""", "metadata.name")]
    [InlineData("""{"versions":[{"name":"v1","served":true,"storage":true}]}""", "openAPIV3Schema")]
    public void AnInvalidDefinitionIsRefused(string change, string field)
    {
        var definition = Json(Definition);
        foreach (var (name, value) in Json(change))
            definition["spec"]![name] = value?.DeepClone();
        var failure = Refusal(422, () => store.Create(KnownTypes.CustomResourceDefinitions, null, definition));
        Assert.Contains(field, failure.Message, StringComparison.Ordinal);
    }

    private StoredObject Create(string name, string spec) => store.Create(boxes, "default",
        Json($$"""{"apiVersion":"example.io/v1","kind":"Box","metadata":{"name":"{{name}}"},"spec":{{spec}}}"""));

    private void Change(Action<JsonObject> change, Part part = Part.Main) =>
        store.Modify(boxes, "default", "a", value =>
    {
        change(value);
        return value;
    }, part);

    private StoredObject Apply(string manager, string status, bool force = false) => store.Patch(boxes, "default", "a",
        new Patch(PatchKind.Apply,
            Json($$"""{"apiVersion":"example.io/v1","kind":"Box","metadata":{"name":"a"},"status":{{status}}}"""),
            manager, force), Part.Status);
}
