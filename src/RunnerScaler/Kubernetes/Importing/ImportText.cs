using System.Text;
using System.Text.Json.Nodes;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Kubernetes.Importing;

/// <summary>What is printed: pools, and comments with what is different.</summary>
internal static class ImportText
{
    private const int Width = 110;
    private const int LongestSentence = 1_000;

    /// <summary>Objects for <c>kubectl apply</c>.</summary>
    public static string Pools(ImportResult result)
    {
        var text = new StringBuilder();
        foreach (var pool in result.Pools)
        {
            if (pool.Spec is not null)
                text.Append("---\n");
            Explain(text, pool, "");
            if (pool.Spec is not null)
                text.Append(YamlWriter.Write(ArcImport.Manifest(pool.Key, pool.Spec)));
        }
        return Comment(text, result.Notes, "").ToString();
    }

    /// <summary>Values for the chart: below <c>pools</c>, each by its name, of which there may be one.</summary>
    public static string Values(ImportResult result)
    {
        var text = new StringBuilder("pools:");
        if (result.Pools.All(p => p.Spec is null))
            text.Append(" {}");
        text.Append('\n');
        var names = new HashSet<PoolKey>();
        foreach (var pool in result.Pools)
        {
            Explain(text, pool, "  ");
            if (pool.Spec is null)
                continue;
            var name = PoolNames.Choose(new ArcObject("", "", pool.Key.Name, []), names);
            names.Add(name);
            if (name.Name != pool.Key.Name)
                Comment(text, [$"It is called {name.Name}, since the values have one of that name already."], "  ");
            foreach (var line in YamlWriter.Write(new JsonObject { [name.Name] = ValueOf(pool) })
                .Split('\n', StringSplitOptions.RemoveEmptyEntries))
                text.Append("  ").Append(line).Append('\n');
        }
        return Comment(text, result.Notes, "").ToString();
    }

    private static JsonObject ValueOf(ImportedPool pool)
    {
        var value = new JsonObject();
        if (pool.Key.Namespace.Length > 0)
            value["namespace"] = pool.Key.Namespace;
        foreach (var (name, field) in pool.Spec.Fields("github") ?? [])
            value.Keep(name, field);
        foreach (var (name, field) in pool.Spec!.Where(f => f.Key != "github"))
            value.Keep(name, field);
        return value;
    }

    private static void Explain(StringBuilder text, ImportedPool pool, string indent)
    {
        var made = pool.Spec is null ? "NOT IMPORTED" : "from";
        text.Append(indent).Append("# ").Append(made).Append(' ').Append(pool.Source).Append('\n');
        Comment(text, pool.Notes, indent);
    }

    /// <summary>Each sentence as a comment of its own. It has no line breaks: what is quoted in it is shown.</summary>
    private static StringBuilder Comment(StringBuilder text, IEnumerable<string> sentences, string indent)
    {
        foreach (var sentence in sentences)
        {
            var line = new StringBuilder(indent).Append("# -");
            foreach (var word in sentence.Shown(LongestSentence).Split(' '))
            {
                if (line.Length + word.Length >= Width)
                {
                    text.Append(line).Append('\n');
                    line.Clear().Append(indent).Append("#  ");
                }
                line.Append(' ').Append(word);
            }
            text.Append(line).Append('\n');
        }
        return text;
    }
}
