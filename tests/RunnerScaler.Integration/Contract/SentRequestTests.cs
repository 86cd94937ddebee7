namespace RunnerScaler.Integration.Contract;

/// <summary>The comparison finds what is wrong: with a small description, so that it needs nothing installed.</summary>
public sealed class SentRequestTests
{
    private static readonly ApiDescription Description = ApiDescription.Parse("""
        {
          "paths": {
            "/things/{id}": {
              "get": {"parameters": [
                {"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}},
                {"$ref": "#/components/parameters/state"},
                {"name": "page", "in": "query", "schema": {"type": "integer"}}
              ]}
            },
            "/things/special": {"get": {}},
            "/things": {
              "post": {"requestBody": {"content": {"application/json": {
                "schema": {"$ref": "#/components/schemas/thing"}}}}}
            }
          },
          "components": {
            "parameters": {
              "state": {"name": "state", "in": "query", "required": true,
                "schema": {"type": "string", "enum": ["on", "off"]}}
            },
            "schemas": {
              "thing": {
                "type": "object",
                "required": ["name"],
                "properties": {
                  "name": {"type": "string"},
                  "size": {"type": "integer", "nullable": true},
                  "color": {"type": "string", "nullable": true, "enum": ["red", "blue"]},
                  "parts": {"type": "array", "items": {"$ref": "#/components/schemas/thing"}},
                  "owner": {"nullable": true, "allOf": [{"$ref": "#/components/schemas/owner"}]}
                }
              },
              "owner": {"type": "object", "properties": {"login": {"type": "string"}}}
            }
          }
        }
        """);

    [Theory]
    [InlineData("GET", "/things/7?state=on&page=2", null)]
    [InlineData("GET", "/things/special", null)]
    [InlineData("POST", "/things", """{"name": "a", "size": null, "color": null, "owner": null}""")]
    [InlineData("POST", "/things", """{"name": "a", "parts": [{"name": "b"}], "owner": {"login": "c"}}""")]
    public async Task ARequestThatFitsHasNoProblem(string method, string path, string? body) =>
        Assert.Empty(await SentRequest.Of(method, path, body).ProblemsAsync(Description));

    [Theory]
    [InlineData("GET", "/thing/7", null, "no such operation")]
    [InlineData("DELETE", "/things/7", null, "no such operation")]
    [InlineData("GET", "/things/7?state=on&paeg=2", null, "paeg does not exist")]
    [InlineData("GET", "/things/7?state=open", null, "state=open is not allowed")]
    [InlineData("GET", "/things/7?state=on&page=two", null, "page=two is not")]
    [InlineData("GET", "/things/7", null, "state is missing")]
    [InlineData("GET", "/things/seven?state=on", null, "{id}=seven is not")]
    [InlineData("GET", "/things/special", "{}", "none is expected")]
    [InlineData("POST", "/things", null, "PropertyRequired")]
    [InlineData("POST", "/things", """{"name": null}""", "name: ")]
    [InlineData("POST", "/things", """{"name": "a", "colour": "red"}""", "colour")]
    [InlineData("POST", "/things", """{"name": "a", "color": "green"}""", "color")]
    [InlineData("POST", "/things", """{"name": "a", "parts": [{}]}""", "parts[0]")]
    [InlineData("POST", "/things", """{"name": "a", "owner": {"login": 7}}""", "owner")]
    public async Task WhatDoesNotFitIsNamed(string method, string path, string? body, string problem)
    {
        var problems = await SentRequest.Of(method, path, body).ProblemsAsync(Description);

        Assert.Contains(problems, p => p.Contains(problem, StringComparison.Ordinal));
    }
}
