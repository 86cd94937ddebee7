using System.Text.Json.Nodes;
using YamlDotNet.Serialization;

namespace RunnerScaler.Integration.Examples;

/// <summary>A file of <c>deploy/examples</c> that is no pool, or of <c>.github/workflows</c>.</summary>
/// <param name="Name">Its path in the repository.</param>
/// <param name="Text">What is in it.</param>
internal sealed record Example(string Name, string Text)
{
    public static string Root { get; } = FindRoot();

    /// <summary>Every one there is, so that none goes unchecked.</summary>
    public static IReadOnlyList<Example> All { get; } =
    [
        .. Directory.EnumerateFiles(Path.Combine(Root, "deploy", "examples"), "*.yaml", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(Path.Combine(Root, ".github", "workflows"), "*.yaml"))
            .Order(StringComparer.Ordinal)
            .Select(path => new Example(Path.GetRelativePath(Root, path), File.ReadAllText(path)))
            .Where(example => !example.Text.Contains("kind: RunnerPool", StringComparison.Ordinal)),
    ];

    public static Example Of(string name) => All.Single(e => e.Name == name);

    /// <summary>The objects in it.</summary>
    public IEnumerable<JsonObject> Objects()
    {
        var reader = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build();
        var writer = new SerializerBuilder().JsonCompatible().Build();
        foreach (var document in Text.Split("\n---\n"))
            if (reader.Deserialize(document) is { } value)
                yield return JsonNode.Parse(writer.Serialize(value))!.AsObject();
    }

    /// <summary>The same file with a mistake in it.</summary>
    public Example With(string right, string wrong)
    {
        Assert.Contains(right, Text);
        return new Example($"{Name} with {wrong}", Text.Replace(right, wrong, StringComparison.Ordinal));
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "RunnerScaler.sln")))
                return folder.FullName;
        throw new InvalidOperationException(
            $"No RunnerScaler.sln above {AppContext.BaseDirectory}: run the tests from the repository's own output.");
    }
}
