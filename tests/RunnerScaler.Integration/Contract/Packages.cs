using System.Text.Json.Nodes;

namespace RunnerScaler.Integration.Contract;

/// <summary>What npm has installed beside this file: GitHub's own words about its interface.</summary>
internal static class Packages
{
    public const string Folder = "tests/RunnerScaler.Integration/Contract";

    /// <summary>The editions of GitHub that are compared with.</summary>
    public static readonly string[] Editions = ["api.github.com", "ghec", "ghes-3.17", "ghes-3.19"];

    private static readonly Lazy<string?> Modules = new(FindModules);

    private static readonly Dictionary<string, Lazy<ApiDescription>> Descriptions = Editions.ToDictionary(
        edition => edition, edition => new Lazy<ApiDescription>(() => Parse(edition)));

    /// <summary>Where npm has put them; null if it has not.</summary>
    public static string? ModulesFolder => Modules.Value;

    /// <summary>GitHub's description of an edition's interface; the test is skipped if it is not installed.</summary>
    public static ApiDescription Description(string edition)
    {
        SkipIfMissing();
        return Descriptions[edition].Value;
    }

    /// <summary>Example payloads of an event; the test is skipped if they are not installed.</summary>
    public static IReadOnlyList<JsonObject> WebhookExamples(string edition, string name)
    {
        SkipIfMissing();
        var events = JsonNode.Parse(Read("webhooks-examples", edition, "index.json"))!.AsArray();
        return
        [
            .. from described in events
               where (string?)described!["name"] == name
               from example in described["examples"]!.AsArray()
               select example!.AsObject(),
        ];
    }

    private static void SkipIfMissing() => Assert.SkipWhen(
        Modules.Value is null, $"GitHub's API description is not installed: run npm ci --prefix {Folder}");

    private static ApiDescription Parse(string edition) =>
        ApiDescription.Parse(Read("openapi", "generated", $"{edition}.json"));

    private static string Read(params string[] path) =>
        File.ReadAllText(Path.Combine([Modules.Value!, "@octokit", .. path]));

    private static string? FindModules()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (Path.Combine(folder.FullName, Folder, "node_modules") is var modules && Directory.Exists(modules))
                return modules;
        return null;
    }
}
