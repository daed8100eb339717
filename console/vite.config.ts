import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [
    tailwindcss(),
    // One entry page draws every path, so that the control plane can serve the console as plain files.
    sveltekit({ adapter: adapter({ fallback: 'index.html' }) }),
  ],
  build: { cssTarget: ['chrome123', 'firefox120', 'safari17.5'] },
});
