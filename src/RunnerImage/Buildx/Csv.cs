using System.Text;

namespace RunnerImage.Buildx;

/// <summary>One line of comma-separated values, as buildx reads <c>--driver-opt</c> and <c>--output</c>.</summary>
internal static class Csv
{
    /// <returns>The fields without their quotes; null if a quote is not closed or stands in the wrong place.</returns>
    public static IReadOnlyList<string>? Fields(string line)
    {
        List<string> fields = [];
        for (var at = 0; ;)
        {
            var quoted = at < line.Length && line[at] == '"';
            if ((quoted ? Quoted(line, at) : Plain(line, at)) is not var (field, end))
                return null;
            fields.Add(field);
            if (end == line.Length)
                return fields;
            at = end + 1;
        }
    }

    public static string Line(IEnumerable<string> fields) => string.Join(',', fields.Select(Quote));

    private static (string Field, int End)? Plain(string line, int at)
    {
        var comma = line.IndexOf(',', at);
        var end = comma < 0 ? line.Length : comma;
        var field = line[at..end];
        return field.Contains('"', StringComparison.Ordinal) ? null : (field, end);
    }

    private static (string Field, int End)? Quoted(string line, int at)
    {
        var field = new StringBuilder();
        for (var i = at + 1; i < line.Length; i++)
        {
            if (line[i] != '"')
                field.Append(line[i]);
            else if (i + 1 < line.Length && line[i + 1] == '"')
                field.Append(line[i++]);
            else
                return i + 1 == line.Length || line[i + 1] == ',' ? (field.ToString(), i + 1) : null;
        }

        return null;
    }

    private static string Quote(string field) => field.AsSpan().IndexOfAny(",\"\r\n") < 0
        ? field
        : $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
