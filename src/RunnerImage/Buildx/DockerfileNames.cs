namespace RunnerImage.Buildx;

/// <summary>The names in a Dockerfile that may mean an image of the pod's store.</summary>
/// <param name="Stages">The stages, which win over images of the same name.</param>
/// <param name="Images">What FROM, COPY --from and RUN --mount=from name, as it is written.</param>
internal sealed record DockerfileNames(IReadOnlySet<string> Stages, IReadOnlySet<string> Images)
{
    /// <summary>Whether some names are known only when the build runs.</summary>
    public bool HasVariables => Images.Any(i => i.Contains('$'));

    /// <summary>Reads as much of the language as names need.</summary>
    public static DockerfileNames Parse(string text)
    {
        var stages = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var images = new HashSet<string>(StringComparer.Ordinal);
        foreach (var words in Instructions(text))
        {
            var arguments = words.Skip(1).SkipWhile(w => w.StartsWith("--", StringComparison.Ordinal)).ToList();
            if (words[0].Equals("FROM", StringComparison.OrdinalIgnoreCase))
            {
                images.UnionWith(arguments.Take(1).Select(Unquoted));
                if (arguments.Count >= 3 && arguments[1].Equals("AS", StringComparison.OrdinalIgnoreCase))
                    stages.Add(Unquoted(arguments[2]));
            }

            images.UnionWith(words.Skip(1).SelectMany(FromIn));
        }

        return new(stages, images);
    }

    /// <summary>The words of each instruction, which may go over several lines.</summary>
    private static IEnumerable<string[]> Instructions(string text)
    {
        var escape = '\\';
        var instruction = "";
        foreach (var line in text.Split('\n').Select(l => l.Trim()))
        {
            if (line.StartsWith('#'))
            {
                if (line[1..].Split('=') is [var key, var value]
                    && key.Trim().Equals("escape", StringComparison.OrdinalIgnoreCase) && value.Trim() is [var c])
                    escape = c;
                continue;
            }

            instruction += line.EndsWith(escape) ? line[..^1] + " " : line;
            if (line.EndsWith(escape))
                continue;
            if (instruction.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } words)
                yield return words;
            instruction = "";
        }

        if (instruction.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } last)
            yield return last;
    }

    private static IEnumerable<string> FromIn(string word)
    {
        if (word.StartsWith("--from=", StringComparison.Ordinal))
            return [Unquoted(word[7..])];
        return word.StartsWith("--mount=", StringComparison.Ordinal)
            ? word[8..].Split(',').Where(f => f.StartsWith("from=", StringComparison.Ordinal))
                .Select(f => Unquoted(f[5..]))
            : [];
    }

    private static string Unquoted(string word) => word.Trim('"', '\'');
}
