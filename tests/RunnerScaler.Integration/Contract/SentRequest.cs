using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunnerScaler.Integration.Contract;

/// <summary>A request to GitHub, as it goes over the wire.</summary>
/// <param name="Method">In upper case.</param>
/// <param name="Path">Below the interface's root, with a leading slash and without the query.</param>
/// <param name="Query">The names and values of the query, decoded.</param>
/// <param name="Body">The JSON that is sent; null if nothing is.</param>
internal sealed record SentRequest(
    string Method, string Path, IReadOnlyList<KeyValuePair<string, string>> Query, string? Body)
{
    /// <param name="method">In upper case.</param>
    /// <param name="pathAndQuery">Such as <c>/orgs/acme/actions/runners?per_page=100</c>.</param>
    /// <param name="body">JSON, or null.</param>
    public static SentRequest Of(string method, string pathAndQuery, string? body = null)
    {
        var parts = pathAndQuery.Split('?', 2);
        var query = parts.Length == 1
            ? []
            : from pair in parts[1].Split('&')
              let split = pair.Split('=', 2)
              select KeyValuePair.Create(Uri.UnescapeDataString(split[0]), Uri.UnescapeDataString(split[^1]));
        return new SentRequest(method, parts[0], [.. query], body);
    }

    /// <summary>What GitHub's description has against it; empty if nothing.</summary>
    public async Task<IReadOnlyList<string>> ProblemsAsync(ApiDescription description)
    {
        if (description.Find(Method, Path) is not { } operation)
            return [$"{this}: there is no such operation"];
        List<string> problems = [];
        await CheckQueryAsync(operation, problems);
        await CheckPathAsync(operation, problems);
        await CheckBodyAsync(operation, problems);
        return [.. problems.Select(p => $"{this}: {p}")];
    }

    public override string ToString() => $"{Method} {Path}";

    private async Task CheckQueryAsync(ApiOperation operation, List<string> problems)
    {
        var known = operation.Parameters("query");
        foreach (var (name, value) in Query)
            if (known.TryGetValue(name, out var parameter))
                await CheckValueAsync(operation, parameter, name, value, problems);
            else
                problems.Add($"the parameter {name} does not exist");
        foreach (var (name, parameter) in known)
            if ((bool?)parameter["required"] == true && Query.All(q => q.Key != name))
                problems.Add($"the parameter {name} is missing");
    }

    private async Task CheckPathAsync(ApiOperation operation, List<string> problems)
    {
        var known = operation.Parameters("path");
        foreach (var (variable, value) in operation.Template.Split('/').Zip(Path.Split('/')))
            if (variable.StartsWith('{') && known.TryGetValue(variable.Trim('{', '}'), out var parameter))
                await CheckValueAsync(operation, parameter, variable, Uri.UnescapeDataString(value), problems);
    }

    private static async Task CheckValueAsync(
        ApiOperation operation, JsonObject parameter, string name, string value, List<string> problems)
    {
        var schema = operation.References.Resolve(parameter["schema"]!);
        var json = (string?)schema["type"] is "integer" or "boolean" or "number"
            ? value
            : JsonSerializer.Serialize(value);
        try
        {
            foreach (var problem in await new SchemaCheck(operation.References).ProblemsAsync(schema, json))
                problems.Add($"{name}={value} is not allowed ({problem})");
        }
        catch (Exception e) when (e.GetType().Namespace == "Newtonsoft.Json")
        {
            problems.Add($"{name}={value} is not of type {schema["type"]}");
        }
    }

    private async Task CheckBodyAsync(ApiOperation operation, List<string> problems)
    {
        if (operation.Body is not { } schema)
        {
            if (Body is not null)
                problems.Add("a body is sent, but none is expected");
            return;
        }

        foreach (var problem in await new SchemaCheck(operation.References).ProblemsAsync(schema, Body ?? "{}"))
            problems.Add($"the body is not allowed ({problem})");
    }
}
